# What the page may know: it is built with --public, so it has no lists, and nothing of a sensitive signal.

policy "payments" { language = 1 }

level "password" {
  rank = 1
  acr  = ["urn:shop:pwd"]
  amr  = [["pwd"]]
}

level "passkey" {
  rank = 2
  acr  = ["urn:shop:passkey"]
  amr  = [["hwk", "user"]]
}

action "payment.create" {
  http     = ["POST /payments"]
  level    = "password"
  resource = object({ amount = double })

  step_up "large" {
    when    = "resource.amount >= 100.0"
    level   = "passkey"
    max_age = "2m"
    reason  = "Payments of 100 and more are confirmed with your passkey."
  }

  deny "beyond" {
    when   = "resource.amount > 10000.0"
    reason = "Payments of more than 10,000 are made in a branch."
  }
}
