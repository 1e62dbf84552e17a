# Which actions of your application are critical, and how well somebody must have authenticated for each.
# `rung check` reads this folder, `rung test` runs its tests, `rung eval --request requests/pay.json` takes a decision.

policy "app" {
  language = 1
}

# The levels are the default ladder, since none are declared: aal1 (one factor), aal2 (two), aal3 (a key in hardware, and more). Declare your own
# with `level` blocks, with the acr values that your identity provider puts into its tokens.

# The dial: somebody on call turns it while accounts are being attacked.
posture "elevated" {
  rank   = 1
  params = { pay_limit = 50.0 }
}

param "pay_limit" {
  description = "The most that is paid without a second factor"
  type        = double
  default     = 250.0
  stricter    = "lower"
}

action "profile.view" {
  description = "Look at one's own profile"
  http        = ["GET /profile"]
  level       = "aal1"
}

# Whoever has the mailbox can reset the password: so changing the address asks again, whatever was proved this morning.
action "email.change" {
  description = "Change the address that mail goes to"
  http        = ["PUT /profile/email"]
  level       = "aal1"

  step_up "fresh" {
    level   = "aal2"
    max_age = "10m"
    reason  = "Please confirm that it is you."
  }
}

action "payment.create" {
  description = "Pay somebody"
  http        = ["POST /payments"]
  level       = "aal1"

  resource = object({
    amount = double
  })

  step_up "large payment" {
    when    = "resource.amount > param.pay_limit"
    level   = "aal2"
    max_age = "5m"
    reason  = "Large payments need a second factor."
  }

  deny "anonymous network" {
    when   = "network.?tor.orValue(false)"
    reason = "Payments are not possible over this network."
  }
}
