# Money that leaves an account, and what prepares it.

action "transfer.create" {
  description = "Send money out of an account"
  http        = ["POST /accounts/{account}/transfers"] # how middleware finds the action
  level       = "password"                             # the baseline, whatever the rules say

  resource = object({
    amount        = double
    currency      = string
    payee_country = string
    payee_trusted = optional(bool) # optional: absence is normal, so conditions must be ready for it
    payee_added   = optional(timestamp)
  })

  step_up "large transfer" {
    when    = "resource.amount > param.transfer_limit"
    unless  = "resource.?payee_trusted.orValue(false) && !risky_network"
    level   = "mfa"
    max_age = "5m" # a second factor of this morning does not confirm a transfer of now
    reason  = "Large transfers need a second factor."
  }

  step_up "very large transfer" {
    when    = "resource.amount > 10.0 * param.transfer_limit"
    level   = "passkey"
    max_age = "2m"
    reason  = "Transfers of this size are confirmed with a passkey."
  }

  step_up "new payee" {
    when    = "!has(resource.payee_added) || now - resource.payee_added < duration('24h')"
    unless  = "resource.amount < 30.0"
    level   = "mfa"
    max_age = "10m"
    reason  = "The first transfers to a new payee need a second factor."
  }

  # Only while the dial stands at elevated, or above.
  step_up "new device while elevated" {
    posture = "elevated"
    when    = "new_device"
    level   = "passkey"
    reason  = "We ask for a passkey on new devices at the moment."
  }

  # On trial: evaluated and reported for a tenth of the customers, never enforced. Read the reports, then set the mode to enforce.
  step_up "velocity, on trial" {
    mode = "shadow"
    rollout {
      percent = 10
      by      = "subject.id"
    }
    when  = "velocity.transfers_1h > 5"
    level = "mfa"
  }

  # A deny rule wins over all else, and no authentication helps.
  deny "sanctioned country" {
    when   = "resource.payee_country in list.sanctioned"
    reason = "Transfers to this country are not possible."
  }
}

action "payee.add" {
  description = "Add somebody to the payees"
  http        = ["POST /payees"]
  level       = "password"

  resource = object({
    country = string
  })

  # No condition: it always applies.
  step_up "fresh second factor" {
    level   = "mfa"
    max_age = "10m"
    reason  = "New payees are confirmed with a second factor."
  }

  step_up "many payees" {
    when   = "velocity.payees_24h >= 3"
    level  = "passkey"
    reason = "You have added several payees today."
  }

  deny "sanctioned country" {
    when   = "resource.country in list.sanctioned"
    reason = "Payees in this country are not possible."
  }
}

action "limit.raise" {
  description = "Raise the daily limit of an account"
  http        = ["PUT /accounts/{account}/limit"]
  level       = "mfa"

  resource = object({
    current_limit = double
    new_limit     = double
  })

  step_up "more than double" {
    when    = "resource.new_limit > 2.0 * resource.current_limit"
    level   = "passkey"
    max_age = "5m"
    reason  = "Limits are doubled with a passkey."
  }

  deny "new device" {
    when   = "new_device"
    reason = "Limits cannot be raised from a device that is new to us."
  }
}
