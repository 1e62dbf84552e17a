# What the rules may look at. subject, session, device, network and behavior are standard signals: they need no declaration, and
# any of their attributes may be absent. What is declared here comes from the bank's own systems.

signal "velocity" {
  description = "How much the customer has been doing"
  type = object({
    transfers_1h = int
    payees_24h   = int
  })
}

# Lazy: it costs money and time, so it is fetched only when it can change the outcome. A decision that cannot be taken without it
# is `need`; the host fetches and asks again.
signal "reputation" {
  description = "Score of the caller's address, 0 (bad) to 1 (good)"
  type        = double
  lazy        = true
}

# Values that an operator may turn without touching a rule. `stricter` says which way an overlay may move a value.

param "transfer_limit" {
  description = "The most that may be sent without a second factor, in the account's currency"
  type        = double
  default     = 1000.0
  stricter    = "lower"
}

param "new_device_window" {
  description = "How long a device counts as new"
  type        = duration
  default     = "72h"
  stricter    = "higher"
}

param "reputation_floor" {
  description = "Addresses that score below are risky"
  type        = double
  default     = 0.3
}

param "export_rows" {
  description = "The most rows that may be exported without a second factor"
  type        = int
  default     = 500
  stricter    = "lower"
}

# Data, one entry a line in files beside the policy. `in` costs the same for ten entries and for ten thousand.

list "sanctioned" {
  file = "sanctioned.txt"
}

list "tor_exits" {
  type = cidr
  file = "tor-exits.txt"
}

# Names for conditions. `has` and `.?` ask for what may be absent; a plain read of something that is absent is an error, and a rule
# whose condition errs applies: a gap in the data can cost a customer one more prompt, it never opens the door.

let {
  new_device = "!has(device.first_seen) || now - device.first_seen < param.new_device_window"

  anonymous_network = <<-CEL
    network.ip in list.tor_exits || network.?tor.orValue(false) || network.?proxy.orValue(false)
  CEL

  risky_network = "anonymous_network || reputation < param.reputation_floor"

  impossible_travel = "behavior.?impossible_travel.orValue(false)"
}
