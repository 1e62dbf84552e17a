# The rules of transfers.rung.hcl. Each test is a table around one rule: a case is the test with some things replaced.

# Small, to somebody who was paid before: the password will do.
fixture "small transfer" {
  signals = {
    resource = {
      amount        = 49.9
      currency      = "EUR"
      payee_country = "FR"
      payee_added   = "2025-06-01T09:00:00Z"
    }
  }
}

test "transfer by amount" {
  action = "transfer.create"
  uses   = ["customer", "small transfer"]
  expect {
    effect        = "step_up"
    indeterminate = []
  }

  case "small" {
    expect { effect = "allow" }
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
      requirement = { level = "mfa", max_age = 300, reachable = true }
      reasons = [
        {
          rule    = "transfer.create/large transfer"
          message = "Large transfers need a second factor."
        },
      ]
    }
  }

  case "ten times the limit" {
    signals = {
      resource = { amount = 10000 }
    }
    expect {
      requirement = { level = "mfa" }
    }
  }

  case "over ten times the limit" {
    signals = {
      resource = { amount = 10000.01 }
    }
    expect {
      requirement = {
        level      = "passkey"
        max_age    = 120
        acr_values = ["phr", "phrh"]
        reachable  = false
      }
      reasons = [
        { rule = "transfer.create/large transfer" },
        { rule = "transfer.create/very large transfer" },
      ]
    }
  }

  case "over the host's limit" {
    params = { transfer_limit = 20 }
    expect {
      requirement = { level = "mfa" }
    }
  }

  case "over the limit while elevated" {
    posture = "elevated"
    signals = {
      resource = { amount = 200.01 }
    }
    expect {
      requirement = { level = "mfa" }
      posture     = "elevated"
    }
  }

  case "over the limit while critical" {
    posture = "critical"
    signals = {
      resource = { amount = 50.01 }
    }
    expect {
      requirement = { level = "mfa", max_age = 300 }
    }
  }
}

test "transfer with a second factor" {
  action = "transfer.create"
  uses   = ["customer", "small transfer", "second factor"]
  signals = {
    resource = { amount = 2500 }
  }

  case "of two minutes ago" {
    expect {
      effect    = "allow"
      satisfied = { level = "mfa", age = 120 }
    }
  }

  case "of this morning" {
    signals = {
      session = { auth_time = "2026-11-20T08:00:00Z" }
    }
    expect {
      effect      = "step_up"
      requirement = { level = "mfa", max_age = 300 }
    }
  }

  case "said by its methods" {
    signals = {
      session = { acr = null, amr = ["pwd", "sms"] }
    }
    expect { effect = "allow" }
  }
}

# A trusted payee makes a large transfer an ordinary one, but not from a network that we do not know.
test "transfer to a trusted payee" {
  action = "transfer.create"
  uses   = ["customer", "small transfer"]
  signals = {
    resource = { amount = 2500, payee_trusted = true }
  }
  expect { effect = "step_up" }

  case "from home" {
    expect { effect = "allow" }
  }

  case "not trusted" {
    signals = {
      resource = { payee_trusted = false }
    }
    expect {
      reasons = [{ rule = "transfer.create/large transfer" }]
    }
  }

  case "over an anonymous network" {
    uses = ["tor"]
    expect {
      reasons = [{ rule = "risky network" }, { rule = "transfer.create/large transfer" }]
    }
  }
}

test "transfer to a new payee" {
  action = "transfer.create"
  uses   = ["customer", "small transfer"]
  signals = {
    resource = { payee_added = "2026-11-20T09:00:00Z" }
  }
  expect {
    effect      = "step_up"
    requirement = { level = "mfa", max_age = 600 }
    reasons     = [{ rule = "transfer.create/new payee" }]
  }

  case "added today" {}

  case "added a day ago" {
    signals = {
      resource = { payee_added = "2026-11-19T12:00:00Z" }
    }
    expect { effect = "allow" }
  }

  case "never added" {
    signals = {
      resource = { payee_added = null }
    }
  }

  case "a few coins" {
    signals = {
      resource = { amount = 29.99 }
    }
    expect { effect = "allow" }
  }
}

test "transfer from a new device" {
  action = "transfer.create"
  uses   = ["customer", "small transfer", "new device"]

  case "on an ordinary day" {
    expect { effect = "allow" }
  }

  case "while elevated" {
    posture = "elevated"
    expect {
      effect      = "step_up"
      requirement = { level = "passkey", max_age = null }
      reasons     = [{ rule = "transfer.create/new device while elevated" }]
    }
  }

  case "while elevated, after a week" {
    posture = "elevated"
    signals = {
      device = { first_seen = "2026-11-13T12:00:00Z" }
    }
    expect { effect = "allow" }
  }

  case "of which nothing is known, while elevated" {
    posture = "elevated"
    signals = {
      device = null
    }
    expect {
      effect        = "step_up"
      indeterminate = []
    }
  }
}

test "transfer to a sanctioned country" {
  action = "transfer.create"
  uses   = ["customer", "small transfer", "passkey"]

  case "sanctioned" {
    signals = {
      resource = { payee_country = "KP" }
    }
    expect {
      effect  = "deny"
      reasons = [{ rule = "transfer.create/sanctioned country" }]
    }
  }

  # A condition that cannot be decided applies: without the country, there is no transfer.
  case "not known" {
    signals = {
      resource = { payee_country = null }
    }
    expect {
      effect        = "deny"
      indeterminate = [{ rule = "transfer.create/sanctioned country", code = "no_such_attribute" }]
    }
  }

  case "sanctioned by nobody" {
    expect { effect = "allow" }
  }
}

# Of the tenth of the customers that the rule on trial looks at, c-1019 is one and c-1017 is not.
test "many transfers, on trial" {
  action = "transfer.create"
  uses   = ["customer", "small transfer"]
  signals = {
    subject  = { id = "c-1019" }
    velocity = { transfers_1h = 6 }
  }
  expect { effect = "allow" }

  case "six in an hour" {
    expect {
      shadow        = [{ rule = "transfer.create/velocity, on trial", level = "mfa" }]
      shadow_effect = "step_up"
    }
  }

  case "five in an hour" {
    signals = {
      velocity = { transfers_1h = 5 }
    }
    expect {
      shadow = []
    }
  }

  case "somebody else" {
    signals = {
      subject = { id = "c-1017" }
    }
    expect {
      shadow = []
    }
  }
}

test "adding a payee" {
  action = "payee.add"
  uses   = ["customer", "second factor"]
  signals = {
    resource = { country = "FR" }
  }

  case "with a second factor" {
    expect { effect = "allow" }
  }

  case "with a password" {
    signals = {
      session = { acr = "urn:bank:acr:pwd" }
    }
    expect {
      effect      = "step_up"
      requirement = { level = "mfa", max_age = 600 }
      reasons     = [{ rule = "payee.add/fresh second factor" }]
    }
  }

  case "the fourth today" {
    signals = {
      velocity = { payees_24h = 3 }
    }
    expect {
      effect      = "step_up"
      requirement = { level = "passkey" }
      reasons     = [{ rule = "payee.add/many payees" }]
    }
  }

  case "in a sanctioned country" {
    signals = {
      resource = { country = "IR" }
    }
    expect {
      effect  = "deny"
      reasons = [{ rule = "payee.add/sanctioned country" }]
    }
  }
}

test "raising the limit" {
  action = "limit.raise"
  uses   = ["customer", "second factor"]
  signals = {
    resource = { current_limit = 1000, new_limit = 2000 }
  }

  case "to the double" {
    expect { effect = "allow" }
  }

  case "to more than the double" {
    signals = {
      resource = { new_limit = 2000.01 }
    }
    expect {
      effect      = "step_up"
      requirement = { level = "passkey", max_age = 300 }
    }
  }

  case "with a password" {
    signals = {
      session = { acr = "urn:bank:acr:pwd" }
    }
    expect {
      effect  = "step_up"
      reasons = [{ rule = "limit.raise", level = "mfa" }]
    }
  }

  case "from a new device" {
    uses = ["new device", "passkey"]
    expect {
      effect  = "deny"
      reasons = [{ rule = "limit.raise/new device" }]
    }
  }
}
