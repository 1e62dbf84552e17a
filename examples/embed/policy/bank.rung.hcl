policy "embed" {
  language = 1
}

signal "reputation" {
  description = "Score of the caller's address, 0 (bad) to 1 (good)"
  type        = double
  lazy        = true
}

posture "elevated" {
  rank = 1
}

action "account.read" {
  http  = ["GET /accounts/{account}"]
  level = "aal1"
}

action "transfer.create" {
  http     = ["POST /accounts/{account}/transfers"]
  level    = "aal1"
  resource = object({ account = string, amount = double })

  step_up "large transfer" {
    when    = "resource.amount > 1000.0"
    level   = "aal2"
    max_age = "5m"
    reason  = "Large transfers need a second factor."
  }

  step_up "bad address" {
    when   = "resource.amount > 100.0 && reputation < 0.3"
    level  = "aal2"
    reason = "Transfers from this network need a second factor."
  }

  step_up "while elevated" {
    posture = "elevated"
    level   = "aal2"
  }

  deny "closed account" {
    when   = "resource.account == 'closed'"
    reason = "The account is closed."
  }
}

action "posture.set" {
  http  = ["PUT /posture/{name}"]
  level = "aal3"
}
