# What the rules may look at. subject and session are standard signals.

signal "since_sca" {
  description = "What the customer did since strong customer authentication was last applied; from the bank's own ledger"
  type = object({
    account_access    = optional(timestamp) # when it was last applied to look at accounts; absent: never
    remote_sum        = double              # remote payments that passed as low value since, in euro
    remote_count      = int
    contactless_sum   = double # contactless payments since, in euro
    contactless_count = int
  })
}

signal "approval" {
  description = "The payment that the customer has confirmed, out of the token's authorization_details (RFC 9396)"
  type = object({
    amount = double
    payee  = string
  })
}

# Lazy: the fraud engine takes its time and its price. It is asked only for payments that no other exemption covers and that are small
# enough for this one.
signal "risk" {
  description = "The transaction risk analysis, RTS Art. 18(2)(c): each is a reason against the exemption"
  lazy        = true
  type = object({
    abnormal_spending  = bool # (i)   abnormal spending or behaviour of the payer
    unusual_device     = bool # (ii)  unusual information about the payer's device or software
    malware            = bool # (iii) malware in any session of the authentication
    fraud_scenario     = bool # (iv)  a known fraud scenario
    abnormal_location  = bool # (v)   abnormal location of the payer
    payee_at_high_risk = bool # (vi)  high-risk location of the payee
  })
}

# Art. 16(b) and (c) are alternatives, and a payment service provider chooses one of them for all (EBA Q&A 2018_4225). So with Art. 11.
param "counter" {
  description = "What low value and contactless payments are counted by: sum or count"
  type        = string
  default     = "sum"
}

# Reported every quarter (Art. 19, 21): fraud over turnover of 90 days, in percent. The default is no bank's figure but the closed door: nothing
# is exempted for its low risk until somebody has set what was measured.
param "fraud_rate_transfers" {
  description = "Fraud rate of remote credit transfers, percent"
  type        = double
  default     = 100.0
}

param "fraud_rate_cards" {
  description = "Fraud rate of remote card payments, percent"
  type        = double
  default     = 100.0
}

param "own_access_window" {
  description = "How long account access goes without strong authentication where the customer comes to us directly; at most 180 days"
  type        = duration
  default     = "4320h"
  stricter    = "lower"
}

param "corporate_processes" {
  description = "Whether the authority is satisfied with our dedicated corporate processes (Art. 17)"
  type        = bool
  default     = false
}

let {
  # Amounts are in euro, converted by the bank. The payment itself is counted in: of two readings, the one that asks sooner.
  low_value = <<-CEL
    resource.amount <= 30.0 &&
      (param.counter == 'count' ?
        since_sca.remote_count < 5 :
        since_sca.remote_sum + resource.amount <= 100.0)
  CEL

  low_contactless = <<-CEL
    resource.amount <= 50.0 &&
      (param.counter == 'count' ?
        since_sca.contactless_count < 5 :
        since_sca.contactless_sum + resource.amount <= 150.0)
  CEL

  # Up to what amount the risk analysis exempts: the exemption threshold values of the Annex, by fraud rate.
  threshold = <<-CEL
    resource.card ?
      (param.fraud_rate_cards <= 0.01 ? 500.0 :
        param.fraud_rate_cards <= 0.06 ? 250.0 :
        param.fraud_rate_cards <= 0.13 ? 100.0 :
        0.0) :
      (param.fraud_rate_transfers <= 0.005 ? 500.0 :
        param.fraud_rate_transfers <= 0.01 ? 250.0 :
        param.fraud_rate_transfers <= 0.015 ? 100.0 :
        0.0)
  CEL

  low_risk = <<-CEL
    resource.amount <= threshold &&
      !(risk.abnormal_spending ||
        risk.unusual_device ||
        risk.malware ||
        risk.fraud_scenario ||
        risk.abnormal_location ||
        risk.payee_at_high_risk)
  CEL

  # The customer set the series up with strong authentication, for this amount and this payee.
  recurring = <<-CEL
    has(resource.series) &&
      resource.series.amount == resource.amount &&
      resource.series.payee == resource.payee
  CEL

  own_account = "has(resource.payee_holder) && resource.payee_holder == subject.id"

  corporate = <<-CEL
    param.corporate_processes && subject.type == 'corporate' && resource.dedicated_process
  CEL
}
