policy "tour" {
  language = 1
}

action "transfer.create" {
  level = "aal1"

  resource = object({
    amount = double
  })

  step_up "large transfer" {
    when    = "resource.amount > 1000.0"
    level   = "aal2"
    max_age = "5m"
    reason  = "Large transfers need a second factor."
  }
}
