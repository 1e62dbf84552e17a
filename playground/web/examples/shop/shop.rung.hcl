# Which actions are critical, and how sure to be of who asks.
# Change something: the people are decided anew as you type.

policy "shop" {
  language    = 1
  description = "A small bank, on one screen"
}

action "money.send" {
  level = "password"

  resource = object({
    amount  = double
    country = string
  })

  step_up "large transfer" {
    when    = "resource.amount > 1000.0"
    level   = "code"
    max_age = "5m"
    reason  = "Large transfers need a code."
  }

  step_up "unknown device" {
    when   = "!device.?trusted.orValue(false) && resource.amount >= 50.0"
    level  = "code"
    reason = "We have not seen this device before."
  }

  step_up "bad address" {
    when   = "resource.amount > 200.0 && reputation < 0.3"
    level  = "passkey"
    reason = "This address has a bad name."
  }

  step_up "every transfer while elevated" {
    posture = "elevated"
    level   = "code"
    max_age = "10m"
  }

  deny "sanctioned country" {
    when   = "resource.country in ['KP', 'IR']"
    reason = "Transfers to this country are not possible."
  }
}

action "email.change" {
  level = "password"

  step_up "fresh passkey" {
    level   = "passkey"
    max_age = "2m"
    reason  = "Whoever has the mailbox, has the account."
  }

  deny "not in a lockdown" {
    posture = "lockdown"
    reason  = "Addresses cannot be changed at the moment."
  }
}

action "balance.view" {
  level = "password"
}

level "password" {
  rank = 1
  acr  = ["pwd"]
  amr  = [["pwd"]]
}

level "code" {
  rank = 2
  acr  = ["mfa"]
  amr  = [["pwd", "otp"]]
}

level "passkey" {
  rank = 3
  acr  = ["phr"]
  amr  = [["hwk", "mfa"], ["swk", "mfa"]]
}

# The dial that an operator turns while something is going on.
posture "elevated" { rank = 1 }

posture "lockdown" { rank = 2 }

# Costs money: fetched only where it can change the outcome.
signal "reputation" {
  description = "Score of the caller's address, 0 (bad) to 1 (good)"
  type        = double
  lazy        = true
}
