action "record.view" {
  description = "Look at a patient's record"
  http        = ["GET /patients/{patient}"]
  level       = "badge"

  resource = object({
    patient    = string
    treats     = bool # this person treats the patient, by the admission, the ward's list or the surgery's plan
    restricted = bool # psychiatry, infections, staff as patients: what people are curious about
  })

  # The glass. Broken, it opens the record of this patient for half an hour; the audit log has the reason, and somebody reads it the next day.
  deny "no treatment, no emergency" {
    unless = "resource.treats || glass_broken || posture >= postures.mass_casualty"
    reason = "You do not treat this patient. In an emergency, break the glass."
  }

  # The one prompt of an emergency is two seconds: the PIN on the badge that is in the reader. A code by telephone would be too slow.
  step_up "through the glass" {
    when    = "glass_broken"
    unless  = "resource.treats"
    level   = "two_factor"
    max_age = "30m"
    reason  = "Break-glass: please enter your PIN."
  }

  step_up "restricted" {
    when    = "resource.restricted"
    level   = "two_factor"
    max_age = "1h"
    reason  = "This record is restricted: please enter your PIN."
  }
}

action "glass.break" {
  description = "Say that there is an emergency, and why"
  http        = ["POST /patients/{patient}/glass"]
  level       = "badge"

  resource = object({
    patient = string
  })

  # The person who breaks it is the one whose badge it is.
  step_up "who are you" {
    level   = "two_factor"
    max_age = "1m"
    reason  = "Break-glass: please enter your PIN."
  }

  # A record is not an emergency from a living room.
  deny "from outside" {
    unless = "on_campus"
    reason = "The glass can be broken in the hospital."
  }
}

action "prescription.create" {
  description = "Prescribe a medicine"
  http        = ["POST /patients/{patient}/prescriptions"]
  level       = "badge"

  resource = object({
    controlled = bool # narcotics and their like
  })

  # Two factors for each one that is signed, as the rules on electronic prescriptions of controlled substances have it (21 CFR 1311.120).
  step_up "controlled substance" {
    when    = "resource.controlled"
    level   = "two_factor"
    max_age = "30s"
    reason  = "Please sign with badge and PIN."
  }
}

action "record.export" {
  description = "Take records out of the system"
  http        = ["POST /exports"]
  level       = "badge"

  resource = object({
    patients = int
  })

  step_up "always" {
    level   = "two_factor"
    max_age = "5m"
    reason  = "Records leave with a second factor."
  }

  deny "too many" {
    when   = "resource.patients > param.export_patients"
    unless = "'research-office' in subject.roles"
    reason = "So many records leave through the research office."
  }
}

# From outside, a badge's tap is out of reach: a password and a code, once in a shift.
step_up "from outside" {
  actions = ["record.*", "prescription.*"]
  unless  = "on_campus"
  level   = "two_factor"
  max_age = "12h"
  reason  = "From outside we ask for a second factor."
}

# A shift. In the morning the badge is tapped again.
step_up "shift" {
  actions = ["*"]
  max_age = "12h"
  reason  = "Please tap your badge."
}

# Emergencies do not wait for a tap of somebody who stands there already: the glass asks for the PIN anyway.
step_up "workstation left alone" {
  actions = ["record.*", "prescription.*"]
  when    = "left_alone"
  max_age = "5m"
  reason  = "Please tap your badge: somebody may have stepped up to this workstation."
}
