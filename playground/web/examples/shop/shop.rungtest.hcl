fixture "ann" {
  now = "2026-11-20T12:00:00Z"

  signals = {
    session = {
      acr       = "pwd"
      amr       = ["pwd"]
      auth_time = "2026-11-20T11:00:00Z"
    }
    device = { trusted = true }
    resource = {
      amount  = 20.0
      country = "FR"
    }
  }
}

test "sending money" {
  action = "money.send"
  uses   = ["ann"]

  expect {
    effect = "allow"
  }

  case "a large sum" {
    signals = {
      reputation = 0.9
      resource   = { amount = 2500.0 }
    }

    expect {
      effect      = "step_up"
      requirement = { level = "code" }
    }
  }

  case "to a country under sanctions" {
    signals = {
      resource = { country = "KP" }
    }

    expect {
      effect = "deny"
    }
  }

  case "while elevated" {
    posture = "elevated"

    expect {
      effect = "step_up"
    }
  }
}

test "changing the address" {
  action = "email.change"

  signals = {
    session = {
      acr       = "pwd"
      auth_time = "2025-12-31T23:59:00Z"
    }
  }

  expect {
    effect      = "step_up"
    requirement = { level = "passkey" }
  }
}
