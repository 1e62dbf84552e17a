policy "pay" {
  language = 1
  version  = "1"
}

action "pay" {
  level    = "aal1"
  resource = object({ amount = double })

  step_up "large" {
    when    = "resource.amount > 1000.0"
    level   = "aal2"
    max_age = "5m"
    reason  = "Large payments need a second factor."
  }
}
