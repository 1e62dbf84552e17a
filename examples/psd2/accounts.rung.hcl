# What customers see of their accounts, and what prepares payments.

action "account.view" {
  description = "Look at the balance and the payments of an account"
  http        = ["GET /accounts/{account}"]
  level       = "sign_in"

  resource = object({
    days     = int  # how far back
    via_aisp = bool # an account information service asks, for the customer
  })

  # Art. 10: directly, the exemption is the bank's to give, so the window is a param. The first time, there is nothing to exempt.
  step_up "first access, or long ago" {
    when   = <<-CEL
      !has(since_sca.account_access) || now - since_sca.account_access > param.own_access_window
    CEL
    unless = "resource.via_aisp"
    level  = "sca"
    reason = "From time to time we ask for a second factor."
  }

  # Art. 10a: through an account information service the exemption must be given, for 180 days. The dial does not move it.
  step_up "first access through a service, or long ago" {
    when   = <<-CEL
      resource.via_aisp &&
        (!has(since_sca.account_access) || now - since_sca.account_access > duration('4320h'))
    CEL
    level  = "sca"
    reason = "From time to time we ask for a second factor."
  }

  # The exemption is for the balance and for the payments of the last 90 days.
  step_up "more than 90 days" {
    when   = "resource.days > 90"
    level  = "sca"
    reason = "Older payments are shown after a second factor."
  }
}

# Art. 13(1): to put somebody on the list of trusted beneficiaries, or to change it.
action "beneficiary.change" {
  description = "Change the list of trusted beneficiaries"
  http        = ["POST /beneficiaries", "PUT /beneficiaries/{beneficiary}"]
  level       = "sign_in"

  step_up "fresh" {
    level   = "sca"
    max_age = "5m"
    reason  = "Please confirm with a second factor."
  }
}

# Whatever through a remote channel may imply a risk of fraud: PSD2 Art. 97(1)(c).
action "credential.change" {
  description = "Enrol or remove an authenticator, change a phone number or a limit"
  http        = ["POST /credentials", "PUT /phone", "PUT /limits/{limit}"]
  level       = "sign_in"

  step_up "fresh" {
    level   = "sca"
    max_age = "2m"
    reason  = "Please confirm with a second factor."
  }
}
