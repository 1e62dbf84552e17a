policy "five" { language = 1 }

level "password" {
  rank = 1
  acr  = ["urn:pwd"]
  amr  = [["pwd"]]
}
level "mfa" {
  rank = 2
  acr  = ["urn:mfa"]
  amr  = [["otp", "pwd"]]
}
level "passkey" {
  rank = 3
  acr  = ["phr"]
  amr  = [["hwk", "mfa"]]
}

signal "velocity" {
  type = object({ transfers_1h = int })
}

action "pay" {
  level    = "none"
  resource = object({ amount = double, country = string })

  deny "country" { when = "resource.country in ['KP', 'IR', 'SY']" }
  step_up "large" {
    when    = "resource.amount > 1000.0"
    level   = "mfa"
    max_age = "5m"
    reason  = "Large transfers need a second factor."
  }
  step_up "new device" {
    when  = "now - device.first_seen < duration('24h')"
    level = "passkey"
  }
  step_up "velocity" {
    when  = "velocity.transfers_1h > 5"
    level = "mfa"
  }
  step_up "network" {
    when   = "network.country != subject.country && !device.trusted"
    level  = "mfa"
    reason = "We do not know this network."
  }
}
