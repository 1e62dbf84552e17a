test "transfers" {
  action = "transfer.create"
  signals = {
    session = { amr = ["pwd"], auth_time = "2026-01-01T00:00:00Z" }
  }

  case "at the limit" {
    signals = {
      resource = { amount = 1000 }
    }
    expect { effect = "allow" }
  }

  case "over the limit" {
    signals = {
      resource = { amount = 1000.01 }
    }
    expect {
      effect      = "step_up"
      requirement = { level = "aal2", max_age = 300 }
    }
  }
}
