# A deploy gate with sudo mode: what reaches production, and how sure we are of who sends it there.
#
# Sudo mode needs no state and no timer. It is a `max_age`: the first critical thing asks for a second factor, and for the next fifteen minutes
# nothing asks again, since the authentication is still fresh enough.

policy "deploy" {
  language    = 1
  version     = "2026.11.1"
  description = "What may reach production, and after which authentication"
}

# A pipeline proves who it is by the identity that its platform attests (a workload's token): once for each run, and it cannot step up.
level "signed_in" {
  rank = 1
  acr  = ["urn:forge:acr:sso", "urn:forge:acr:workload"]
  amr  = [["pwd"], ["swk"], ["hwk"], ["wia"]]
}

level "sudo" {
  rank = 2
  acr  = ["urn:forge:acr:mfa"]
  amr  = [["pwd", "otp"], ["mfa"]]
}

level "passkey" {
  rank = 3
  acr  = ["phr", "phrh"]
  amr  = [["swk", "mfa"], ["hwk", "mfa"]]
}

# While something is wrong in our supply chain: nothing goes out that nobody has stood up for.
posture "incident" { rank = 1 }

param "freeze" {
  description = "A change freeze: nothing new goes to production, what brings it back does"
  type        = bool
  default     = false
}

param "ask_at_night" {
  description = "Whether to ask for a passkey at night and on weekends, when fewer eyes are open"
  type        = bool
  default     = true
}

let {
  robot = "subject.type == 'service'"

  production = "resource.environment == 'production'"

  # In the zone of the people who would be woken up.
  working_hours = <<-CEL
    now.getDayOfWeek('Europe/Berlin') in [1, 2, 3, 4, 5] &&
      now.getHours('Europe/Berlin') >= 8 &&
      now.getHours('Europe/Berlin') < 18
  CEL
}
