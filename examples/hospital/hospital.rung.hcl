# Patients' records, with a glass that can be broken. Whoever needs a record to save a life gets it, at once; everybody else is asked, or refused; and
# nobody who only looks after their own patients all day is asked for anything but a tap of the badge.

policy "hospital" {
  language    = 1
  version     = "2026.11.1"
  description = "Access to records, prescriptions and break-glass"
}

# A tap of the badge at a workstation.
level "badge" {
  rank = 1
  acr  = ["urn:hospital:acr:badge"]
  amr  = [["sc"], ["hwk"]]
}

# Badge and PIN at a workstation; password and code from outside.
level "two_factor" {
  rank = 2
  acr  = ["urn:hospital:acr:badge-pin", "urn:hospital:acr:mfa"]
  amr  = [["sc", "pin"], ["hwk", "pin"], ["pwd", "otp"]]
}

# A mass casualty: whoever is on duty treats whoever comes in, and nobody has time to write down who treats whom. Postures are no ladder of
# mistrust alone: rules may look at them (`posture`), and this dial opens one door while it stays in the log.
posture "mass_casualty" { rank = 1 }

list "campus" {
  type   = cidr
  values = ["10.20.0.0/16", "2001:db8:20::/48"]
}

param "glass_window" {
  description = "How long a broken glass stays broken"
  type        = duration
  default     = "30m"
}

param "export_patients" {
  description = "The most patients whose records leave at once"
  type        = int
  default     = 20
}

signal "workstation" {
  description = "Where somebody stands; absent outside of the hospital"
  type = object({
    shared = bool     # many people use it in a shift
    idle   = duration # since somebody touched it
  })
}

signal "glass" {
  description = "The glass that this person has broken last, if any; from the audit log, which is written before this is asked"
  sensitive   = true
  type = object({
    patient = string
    reason  = string
    broken  = timestamp
  })
}

let {
  on_campus = "network.ip in list.campus"

  # For this patient, with a reason in words, and not long ago.
  glass_broken = <<-CEL
    has(glass) &&
      glass.patient == resource.patient &&
      glass.reason.size() >= 10 &&
      now - glass.broken <= param.glass_window
  CEL

  # Somebody else may have stepped up to it.
  left_alone = "has(workstation) && workstation.shared && workstation.idle > duration('5m')"
}
