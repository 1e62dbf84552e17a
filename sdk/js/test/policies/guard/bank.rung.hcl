policy "bank" { language = 1 }

level "password" {
  rank = 1
  acr  = ["urn:pwd"]
  amr  = [["pwd"]]
}
level "mfa" {
  rank = 2
  acr  = ["urn:mfa"]
  amr  = [["pwd", "otp"], ["pwd", "sms"]]
}
level "passkey" {
  rank = 3
  acr  = ["phr"]
  amr  = [["hwk", "mfa"]]
}

signal "reputation" {
  type = double
  lazy = true
}

action "transfer.create" {
  http     = ["POST /accounts/{account}/transfers"]
  level    = "password"
  resource = object({ account = string, amount = double })

  step_up "large" {
    when    = "resource.amount > 100.0"
    level   = "mfa"
    max_age = "5m"
    reason  = "Große Überweisung"
  }
  deny "closed" {
    when   = "resource.account == 'closed'"
    reason = "The account is closed."
  }
}
action "account.read" {
  http  = ["GET /accounts/{account}", "GET api.example/private"]
  level = "password"
}
action "key.add" {
  http  = ["POST /keys"]
  level = "password"
  step_up "hardware" { methods = ["hwk"] }
}
action "export" {
  http  = ["POST /export"]
  level = "password"
  deny "listed" { when = "reputation < 0.2" }
}
