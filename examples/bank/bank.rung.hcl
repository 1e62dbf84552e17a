# The rules of a retail bank: which actions are critical, and how well a session must have authenticated for each.
#
# This folder is one policy. All *.rung.hcl files in it are read together, and neither their order nor that of the blocks
# matters: split them as your teams are split. Here, this file has what everything else refers to, signals.rung.hcl says what the
# rules may look at, and transfers.rung.hcl, account.rung.hcl and everywhere.rung.hcl hold the rules.

policy "bank" {
  language    = 1
  version     = "2026.11.1" # stands in every decision: let it say what was deployed
  description = "Step-up rules of the retail bank"
}

# The ladder. A higher rank satisfies a lower one. `acr` values come from the identity provider's tokens, and go into the
# challenge that asks for a level; `amr` names the methods that prove it where a token only lists those (RFC 8176).

level "password" {
  rank = 1
  acr  = ["urn:bank:acr:pwd"]
  amr  = [["pwd"]]
}

level "mfa" {
  rank = 2
  acr  = ["urn:bank:acr:mfa"]
  amr  = [["pwd", "otp"], ["pwd", "sms"]]
}

# A passkey: a key in hardware or software (hwk, swk), and the identity provider's word that a second factor unlocked it (mfa).
level "passkey" {
  rank = 3
  acr  = ["phr", "phrh"]
  amr  = [["hwk", "mfa"], ["swk", "mfa"]]
}

# The dial. An operator turns it while something is going on; `normal` is always there, below the first. Overlays of numbers
# and durations only tighten: a param is the strictest of the host's value and those of the postures in force.

posture "elevated" {
  rank = 1
  params = {
    transfer_limit    = 200.0
    new_device_window = "168h"
  }
}

posture "critical" {
  rank = 2
  params = {
    transfer_limit = 50.0
    export_rows    = 0
  }
}
