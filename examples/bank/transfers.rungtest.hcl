fixture "customer" {
  now = "2026-11-20T12:00:00Z"
  signals = {
    subject    = { id = "c-1017", enrolled = ["pwd", "otp"] }
    session    = { acr = "urn:bank:acr:pwd", auth_time = "2026-11-20T11:00:00Z" }
    device     = { id = "d-1", trusted = true, first_seen = "2025-03-02T08:15:00Z" }
    network    = { ip = "203.0.113.40", country = "FR" }
    velocity   = { transfers_1h = 1 }
    reputation = 0.92
  }
}

test "transfer" {
  action = "transfer.create"
  uses   = ["customer"]
  signals = {
    resource = {
      amount        = 49.9
      currency      = "EUR"
      payee_country = "FR"
      payee_trusted = true
      payee_added   = "2025-06-01T09:00:00Z"
    }
  }
  expect { effect = "allow" }

  case "small" {}

  case "large transfer" {
    signals = { resource = { amount = 2500, payee_trusted = null } }
    expect {
      effect      = "step_up"
      requirement = { level = "mfa", max_age = 300 }
      reasons     = [{ rule = "transfer.create/large transfer" }]
    }
  }
}
