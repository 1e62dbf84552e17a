# The rules of account.rung.hcl.

test "updating the profile" {
  action = "profile.update"
  uses   = ["customer"]

  case "the picture" {
    signals = {
      resource = { fields = ["picture", "language"] }
    }
    expect { effect = "allow" }
  }

  case "where codes are sent" {
    signals = {
      resource = { fields = ["picture", "phone"] }
    }
    expect {
      effect      = "step_up"
      requirement = { level = "mfa", max_age = 600 }
      reasons     = [{ rule = "profile.update/contact details" }]
    }
  }
}

test "showing a card" {
  action = "card.reveal"
  uses   = ["customer", "second factor"]

  case "on a trusted device" {
    expect {
      effect        = "allow"
      indeterminate = []
    }
  }

  case "on another device" {
    uses = ["new device"]
    expect {
      effect      = "step_up"
      requirement = { level = "passkey", max_age = 300 }
      reasons     = [{ rule = "card.reveal/device not trusted" }]
    }
  }

  # Nobody says whether the device is trusted: the rule applies, and the decision says why.
  case "on a device that is not known" {
    signals = {
      device = { trusted = null }
    }
    expect {
      effect        = "step_up"
      indeterminate = [{ rule = "card.reveal/device not trusted", code = "no_such_attribute" }]
    }
  }

  case "with a password" {
    signals = {
      session = { acr = "urn:bank:acr:pwd" }
    }
    expect {
      effect  = "step_up"
      reasons = [{ rule = "card.reveal" }]
    }
  }
}

test "exporting statements" {
  action = "statement.export"
  uses   = ["customer"]
  signals = {
    resource = { rows = 501 }
  }

  case "500 rows" {
    signals = {
      resource = { rows = 500 }
    }
    expect { effect = "allow" }
  }

  case "501 rows" {
    expect {
      effect      = "step_up"
      requirement = { level = "mfa" }
    }
  }

  case "501 rows, where the host allows 1,000" {
    params = { export_rows = 1000 }
    expect { effect = "allow" }
  }

  case "501 rows over an anonymous network" {
    uses = ["tor", "second factor"]
    expect {
      effect  = "deny"
      reasons = [{ rule = "statement.export/bulk export over an anonymous network" }]
    }
  }

  # At the top of the dial no export is small.
  case "one row while critical" {
    posture = "critical"
    signals = {
      resource = { rows = 1 }
    }
    expect {
      effect      = "step_up"
      requirement = { level = "mfa", max_age = 600 }
      reasons = [
        { rule = "fresh session while critical" }, { rule = "statement.export/bulk export" },
      ]
    }
  }
}

test "anybody may see the rates" {
  action = "rates.view"
  expect {
    effect    = "allow"
    satisfied = null
  }
}
