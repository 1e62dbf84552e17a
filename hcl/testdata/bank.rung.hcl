policy "bank" {
  language    = 1
  version     = "2026.11.1"
  description = "Step-up rules of the retail bank"
}

level "password" {
  rank = 1
  acr  = ["urn:bank:acr:pwd"]
  amr  = [["pwd"]]
}

level "mfa" {
  rank = 2
  acr  = ["urn:bank:acr:mfa"]
  amr  = [["pwd", "otp"], ["pwd", "sms"]]
}

level "passkey" {
  rank = 3
  acr  = ["phr", "phrh"]
  amr  = [["hwk", "mfa"], ["swk", "mfa"]]
}

signal "device" {
  type = object({
    id         = string
    trusted    = bool
    first_seen = optional(timestamp)
  })
}

signal "velocity" {
  type = object({
    transfers_1h = int
  })
}

signal "reputation" {
  description = "Score of the caller's address, 0 (bad) to 1 (good)"
  type        = double
  lazy        = true
}

param "transfer_limit" {
  type     = double
  default  = 1000.0
  stricter = "lower"
}

list "sanctioned" { values = ["KP", "IR"] }

list "tor_exits" {
  type = cidr
  file = "tor-exits.txt"
}

let {
  new_device    = "!has(device.first_seen) || now - device.first_seen < duration('24h')"
  risky_network = "network.ip in list.tor_exits || reputation < 0.3"
}

posture "elevated" {
  rank   = 1
  params = { transfer_limit = 200.0 }
}

posture "critical" { rank = 2 }

action "transfer.create" {
  description = "Send money out of an account"
  http        = ["POST /accounts/{account}/transfers"]
  level       = "password"

  resource = object({
    amount        = double
    currency      = string
    payee_country = string
    payee_trusted = optional(bool)
  })

  step_up "large transfer" {
    when    = "resource.amount > param.transfer_limit"
    unless  = "resource.payee_trusted && !risky_network"
    level   = "mfa"
    max_age = "5m"
    reason  = "Large transfers need a second factor."
  }

  step_up "new device while elevated" {
    posture = "elevated"
    when    = "new_device"
    level   = "passkey"
  }

  step_up "velocity, on trial" {
    mode = "shadow"
    rollout {
      percent = 10
      by      = "subject.id"
    }
    when  = "velocity.transfers_1h > 5"
    level = "mfa"
  }

  deny "sanctioned country" {
    when   = "resource.payee_country in list.sanctioned"
    reason = "Transfers to this country are not possible."
  }
}

action "profile.update" {
  level = "none"
}

step_up "risky network" {
  actions = ["transfer.*", "profile.update"]
  when    = <<-CEL
    risky_network && !('vpn-allowed' in subject.groups)
  CEL
  level   = "mfa"
}
