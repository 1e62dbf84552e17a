# The rules of everywhere.rung.hcl, each at one of the actions that it reaches.

fixture "a profile" {
  signals = {
    resource = { fields = ["picture"] }
  }
}

test "risky networks" {
  action = "profile.update"
  uses   = ["customer", "a profile"]
  expect {
    effect      = "step_up"
    requirement = { level = "mfa" }
    reasons     = [{ rule = "risky network" }]
  }

  case "an exit of an anonymising network" {
    uses = ["tor"]
  }

  case "an address that says tor" {
    signals = {
      network = { tor = true }
    }
  }

  case "a proxy" {
    signals = {
      network = { tor = false, proxy = true }
    }
  }

  case "an address of bad repute" {
    signals = { reputation = 0.29 }
  }

  case "an address of good repute" {
    signals = { reputation = 0.3 }
    expect { effect = "allow" }
  }

  case "somebody who may use a VPN" {
    uses = ["tor"]
    signals = {
      subject = { groups = ["staff", "vpn-allowed"] }
    }
    expect { effect = "allow" }
  }

  # A provider that does not answer: nobody can say that the network is fine.
  case "an address of which nothing is known" {
    signals = { reputation = null }
    expect {
      indeterminate = [{ rule = "risky network", code = "no_such_attribute" }]
    }
  }
}

# The score costs money. It is asked for where the outcome turns on it, and not where it does not.
test "reputation is lazy" {
  action = "profile.update"
  now    = "2026-11-20T12:00:00Z"
  signals = {
    session  = { acr = "urn:bank:acr:pwd", auth_time = "2026-11-20T11:00:00Z" }
    network  = { ip = "203.0.113.40" }
    resource = { fields = ["picture"] }
  }

  case "needed" {
    expect {
      effect = "need"
      need   = ["reputation"]
    }
  }

  case "decided without" {
    uses = ["tor"]
    expect {
      effect  = "step_up"
      reasons = [{ rule = "risky network" }]
    }
  }

  case "met already" {
    uses = ["second factor"]
    expect { effect = "allow" }
  }
}

test "impossible travel" {
  action = "profile.update"
  uses   = ["customer", "a profile", "second factor"]
  signals = {
    behavior = { impossible_travel = true }
  }

  case "with a second factor" {
    expect {
      effect      = "step_up"
      requirement = { level = "passkey" }
      reasons     = [{ rule = "impossible travel", message = "You seem to be in two places at once." }]
    }
  }

  case "with a passkey" {
    uses = ["passkey"]
    expect { effect = "allow" }
  }
}

test "fresh sessions while critical" {
  action  = "profile.update"
  uses    = ["customer", "a profile"]
  posture = "critical"

  case "an hour ago" {
    expect {
      effect      = "step_up"
      requirement = { level = "password", max_age = 600 }
    }
  }

  case "two minutes ago" {
    uses = ["second factor"]
    expect { effect = "allow" }
  }

  case "before the password was changed" {
    signals = {
      session = { auth_time = "2026-11-20T11:55:00Z", not_before = "2026-11-20T11:58:00Z" }
    }
    expect {
      effect      = "step_up"
      requirement = { level = "password", max_age = 120 }
    }
  }
}

test "frozen customers" {
  action = "card.reveal"
  uses   = ["customer", "passkey"]

  case "frozen" {
    signals = {
      subject = { roles = ["frozen"] }
    }
    expect {
      effect  = "deny"
      reasons = [{ rule = "frozen customer" }]
    }
  }

  case "not frozen" {
    signals = {
      subject = { roles = [] }
    }
    expect { effect = "allow" }
  }
}
