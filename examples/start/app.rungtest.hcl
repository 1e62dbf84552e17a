# Tests of the policy: `rung test`. A case is its test with some things replaced.

fixture "signed in" {
  now = "2026-11-20T12:00:00Z"
  signals = {
    session = { amr = ["pwd"], auth_time = "2026-11-20T11:30:00Z" }
    network = { ip = "192.0.2.7", tor = false }
  }
}

test "paying" {
  action  = "payment.create"
  uses    = ["signed in"]
  signals = { resource = { amount = 250 } }
  expect { effect = "allow" }

  case "up to the limit" {}

  case "more" {
    signals = { resource = { amount = 250.01 } }
    expect {
      effect      = "step_up"
      requirement = { level = "aal2", max_age = 300 }
      reasons     = [{ rule = "payment.create/large payment" }]
    }
  }

  case "more, with a second factor of now" {
    signals = {
      resource = { amount = 250.01 }
      session  = { amr = ["pwd", "otp"], auth_time = "2026-11-20T11:59:00Z" }
    }
  }

  case "while accounts are attacked" {
    posture = "elevated"
    signals = { resource = { amount = 51 } }
    expect { effect = "step_up" }
  }

  case "over Tor" {
    signals = { network = { tor = true } }
    expect { effect = "deny" }
  }
}

test "the profile" {
  action = "profile.view"
  uses   = ["signed in"]
  expect { effect = "allow" }

  case "is looked at" {}

  case "not by anybody" {
    signals = { session = null }
    expect { effect = "step_up" }
  }

  case "is changed with a second factor" {
    action = "email.change"
    expect {
      effect      = "step_up"
      requirement = { level = "aal2", max_age = 600 }
    }
  }
}
