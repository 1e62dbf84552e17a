# The admin console of a software service: what administrators of a customer's organisation may do to it, and what our own support may.
#
# Who may do what (roles) is decided elsewhere, before. Here it is asked how sure we are that it is them: now, from there, on this device.

policy "saas" {
  language    = 1
  version     = "2026.11.1"
  description = "Step-up rules of the admin console"
}

level "signed_in" {
  rank = 1
  acr  = ["urn:okta:loa:1fa:any"]
  amr  = [["pwd"], ["otp"], ["swk"], ["hwk"]]
}

level "mfa" {
  rank = 2
  acr  = ["urn:okta:loa:2fa:any"]
  amr  = [["pwd", "otp"], ["pwd", "swk"], ["mfa"]]
}

# What a fake login page cannot relay. phr and phrh are registered names (OpenID Connect EAP ACR Values): phishing-resistant, and so in hardware.
level "passkey" {
  rank = 3
  acr  = ["phr", "phrh"]
  amr  = [["swk", "mfa"], ["hwk", "mfa"]]
}

# The dial. Turn it to elevated while accounts are being attacked, to lockdown once one was taken over.
posture "elevated" {
  rank   = 1
  params = { export_rows = 100, new_device = "720h" }
}

posture "lockdown" { rank = 2 }

# Where the organisation works from, one range a line. It is a convenience and no factor: being there saves a prompt, and proves nothing.
list "offices" {
  type = cidr
  file = "offices.txt"
}

param "export_rows" {
  description = "The most rows that leave with a second factor alone"
  type        = int
  default     = 10000
  stricter    = "lower"
}

param "new_device" {
  description = "How long a device counts as new"
  type        = duration
  default     = "24h"
  stricter    = "higher"
}

let {
  # Where it is not known when a device was first seen, the read fails, and a rule that fails applies.
  new_device = "now - device.first_seen < param.new_device"

  in_office = "network.ip in list.offices"

  # Somebody else may hold the session's cookie where its country has changed since it began.
  moved = "has(session.country) && network.country != session.country"
}
