# The account itself: who the customer is, what we show of it, what leaves with it.

action "profile.update" {
  description = "Change the customer's own details"
  http        = ["PATCH /profile"]
  level       = "password"

  resource = object({
    fields = list(string, 50) # at most 50: the checker bounds the cost of a condition by it
  })

  # Whoever changes where codes are sent, takes over the account.
  step_up "contact details" {
    when    = "resource.fields.exists(f, f in ['email', 'phone', 'address'])"
    level   = "mfa"
    max_age = "10m"
    reason  = "Contact details are changed with a second factor."
  }
}

action "card.reveal" {
  description = "Show a card's full number and code"
  http        = ["GET /cards/{card}/secrets"]
  level       = "mfa"

  # `unless` reads the attribute plainly: where the device's trust is not known, the rule applies, and the decision says why.
  step_up "device not trusted" {
    unless  = "device.trusted"
    level   = "passkey"
    max_age = "5m"
    reason  = "Card numbers are shown on trusted devices, or with a passkey."
  }
}

action "statement.export" {
  description = "Download account statements"
  http        = ["POST /accounts/{account}/exports"]
  level       = "password"

  resource = object({
    rows = int
  })

  step_up "bulk export" {
    when   = "resource.rows > param.export_rows"
    level  = "mfa"
    reason = "Large exports need a second factor."
  }

  deny "bulk export over an anonymous network" {
    when   = "resource.rows > param.export_rows && anonymous_network"
    reason = "Large exports are not possible over this network."
  }
}

# "none" opens an action to anybody, also without a session. It must be written: a forgotten level is an error.
action "rates.view" {
  description = "Look at exchange rates"
  http        = ["GET /rates"]
  level       = "none"
}
