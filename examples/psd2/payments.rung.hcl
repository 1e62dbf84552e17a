# Money that moves. Each exemption of the RTS is a name in signals.rung.hcl, and one of them is enough.

action "payment.create" {
  description = "Initiate a remote payment: a credit transfer, or by card"
  http        = ["POST /payments"]
  level       = "sign_in"

  resource = object({
    amount            = double           # in euro
    payee             = string           # IBAN, or the merchant's id
    card              = bool             # by card; else a credit transfer
    payee_listed      = bool             # on the customer's list of trusted beneficiaries
    payee_holder      = optional(string) # whose account it is, where it is one with us
    dedicated_process = bool             # came through a corporate protocol that consumers have no access to
    series = optional(object({           # what was confirmed when the series was set up
      amount = double
      payee  = string
    }))
  })

  # Art. 16 low value, 13 trusted beneficiary, 14 recurring, 15 own accounts, 17 corporate processes, 18 low risk.
  step_up "no exemption" {
    unless  = <<-CEL
      low_value || resource.payee_listed || recurring || own_account || corporate || low_risk
    CEL
    level   = "sca_linked"
    max_age = "5m"
    reason  = "Please confirm this payment with a second factor."
  }

  step_up "fraud wave" {
    posture = "fraud_wave"
    level   = "sca_linked"
    max_age = "5m"
    reason  = "We ask for every payment to be confirmed at the moment."
  }

  # Dynamic linking, Art. 5(1)(d): who has confirmed one payment has confirmed no other. Where it is not said which, the read fails, and the rule applies.
  deny "confirmed something else" {
    when   = "session.level == level.sca_linked"
    unless = "approval.amount == resource.amount && approval.payee == resource.payee"
    reason = "The payment is not the one that was confirmed."
  }
}

action "payment.contactless" {
  description = "Pay at a terminal without contact"
  level       = "none" # the card is the one factor, and the terminal has read it

  resource = object({
    amount     = double
    unattended = bool # a terminal for transport fares or parking fees
  })

  # Art. 11 contactless, 12 unattended terminals.
  step_up "no exemption" {
    unless  = "low_contactless || resource.unattended"
    level   = "sca"
    max_age = "1m"
    reason  = "Please enter your PIN."
  }
}

action "series.create" {
  description = "Set up or change a series of payments (Art. 14(1))"
  http        = ["POST /series", "PUT /series/{series}"]
  level       = "sign_in"

  resource = object({
    amount = double
    payee  = string
  })

  step_up "fresh" {
    level   = "sca_linked"
    max_age = "5m"
    reason  = "Please confirm the series with a second factor."
  }

  deny "confirmed something else" {
    when   = "session.level == level.sca_linked"
    unless = "approval.amount == resource.amount && approval.payee == resource.payee"
    reason = "The series is not the one that was confirmed."
  }
}
