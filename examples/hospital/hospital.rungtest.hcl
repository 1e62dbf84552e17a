# A nurse on the ward, two hours into the shift, at a workstation that was touched a moment ago.
fixture "nurse" {
  now = "2026-11-20T08:00:00Z"
  signals = {
    subject     = { id = "n-204", roles = ["nurse"], enrolled = ["sc", "pin", "pwd", "otp"] }
    session     = { acr = "urn:hospital:acr:badge", amr = ["sc"], auth_time = "2026-11-20T06:00:00Z" }
    network     = { ip = "10.20.4.17" }
    workstation = { shared = true, idle = "20s" }
  }
}

fixture "with a PIN" {
  signals = {
    session = {
      acr       = "urn:hospital:acr:badge-pin"
      amr       = ["sc", "pin"]
      auth_time = "2026-11-20T07:59:40Z"
    }
  }
}

# At home, with a password and a code.
fixture "at home" {
  signals = {
    session = {
      acr       = "urn:hospital:acr:mfa"
      amr       = ["pwd", "otp"]
      auth_time = "2026-11-20T06:00:00Z"
    }
    network     = { ip = "192.0.2.7" }
    workstation = null
  }
}

fixture "broken glass" {
  signals = {
    glass = {
      patient = "p-31"
      reason  = "unconscious, allergies unknown"
      broken  = "2026-11-20T07:45:00Z"
    }
  }
}

fixture "own patient" {
  signals = { resource = { patient = "p-31", treats = true, restricted = false } }
}

fixture "somebody's patient" {
  signals = { resource = { patient = "p-31", treats = false, restricted = false } }
}

test "one's own patients" {
  action = "record.view"
  uses   = ["nurse", "own patient"]
  expect { effect = "allow" }

  case "a tap in the morning is enough" {}

  case "until the shift ends" { now = "2026-11-20T18:00:00Z" }

  case "and the next begins" {
    now = "2026-11-20T18:00:01Z"
    expect {
      effect      = "step_up"
      requirement = { level = "badge", max_age = 43200 }
      reasons     = [{ rule = "shift" }]
    }
  }

  case "restricted" {
    signals = { resource = { restricted = true } }
    expect {
      effect      = "step_up"
      requirement = { level = "two_factor", max_age = 3600, reachable = true }
      reasons     = [{ rule = "record.view/restricted" }]
    }
  }

  case "restricted, with a PIN" {
    uses    = ["nurse", "own patient", "with a PIN"]
    signals = { resource = { restricted = true } }
  }
}

test "somebody else's patients" {
  action = "record.view"
  uses   = ["nurse", "somebody's patient"]
  expect {
    effect = "deny"
    reasons = [
      {
        rule    = "record.view/no treatment, no emergency"
        message = "You do not treat this patient. In an emergency, break the glass."
      },
    ]
  }

  case "are not looked at" {}

  case "with whatever PIN" { uses = ["nurse", "somebody's patient", "with a PIN"] }

  case "in a mass casualty they are" {
    posture = "mass_casualty"
    expect { effect = "allow" }
  }
}

test "through the glass" {
  action = "record.view"
  uses   = ["nurse", "somebody's patient", "broken glass", "with a PIN"]
  expect { effect = "allow" }

  case "who broke it with a PIN is not asked again" {}

  case "the badge alone is not enough" {
    uses = ["nurse", "somebody's patient", "broken glass"]
    expect {
      effect      = "step_up"
      requirement = { level = "two_factor", max_age = 1800, reachable = true }
      reasons     = [{ rule = "record.view/through the glass" }]
    }
  }

  case "who treats the patient has no need of it" {
    uses = ["nurse", "own patient", "broken glass"]
  }

  case "another patient's" {
    signals = { glass = { patient = "p-77" } }
    expect { effect = "deny" }
  }

  case "without words" {
    signals = { glass = { reason = "asdf" } }
    expect { effect = "deny" }
  }

  case "half an hour" { signals = { glass = { broken = "2026-11-20T07:30:00Z" } } }

  case "longer" {
    signals = { glass = { broken = "2026-11-20T07:29:59Z" } }
    expect { effect = "deny" }
  }

  case "an entry of the log that is not whole" {
    signals = { glass = { broken = null } }
    expect {
      effect = "deny"
      indeterminate = [
        { rule = "record.view/no treatment, no emergency", code = "no_such_attribute" },
      ]
    }
  }
}

test "breaking the glass" {
  action  = "glass.break"
  uses    = ["nurse"]
  signals = { resource = { patient = "p-31" } }
  expect {
    effect = "step_up"
    requirement = {
      level      = "two_factor"
      max_age    = 60
      acr_values = ["urn:hospital:acr:badge-pin", "urn:hospital:acr:mfa"]
    }
    reasons = [{ rule = "glass.break/who are you" }]
  }

  case "asks for the PIN" {}

  case "and for nothing more" {
    uses = ["nurse", "with a PIN"]
    expect { effect = "allow" }
  }

  case "not from home" {
    uses = ["nurse", "at home"]
    expect {
      effect  = "deny"
      reasons = [{ rule = "glass.break/from outside" }]
    }
  }

  case "nor from who knows where" {
    signals = { network = null }
    expect {
      effect        = "deny"
      indeterminate = [{ rule = "glass.break/from outside" }]
    }
  }
}

test "prescribing" {
  action  = "prescription.create"
  uses    = ["nurse"]
  signals = { resource = { controlled = false } }
  expect { effect = "allow" }

  case "a medicine" {}

  case "a controlled substance" {
    signals = { resource = { controlled = true } }
    expect {
      effect      = "step_up"
      requirement = { level = "two_factor", max_age = 30 }
    }
  }

  case "signed" {
    uses    = ["nurse", "with a PIN"]
    signals = { resource = { controlled = true } }
  }

  case "the next one is signed too" {
    uses    = ["nurse", "with a PIN"]
    now     = "2026-11-20T08:00:11Z"
    signals = { resource = { controlled = true } }
    expect { effect = "step_up" }
  }
}

test "taking records out" {
  action  = "record.export"
  uses    = ["nurse", "with a PIN"]
  signals = { resource = { patients = 20 } }
  expect { effect = "allow" }

  case "twenty" {}

  case "with the badge alone" {
    uses = ["nurse"]
    expect {
      effect      = "step_up"
      requirement = { level = "two_factor", max_age = 300 }
    }
  }

  case "more" {
    signals = { resource = { patients = 21 } }
    expect { effect = "deny" }
  }

  case "the research office" {
    signals = { subject = { roles = ["research-office"] }, resource = { patients = 21 } }
  }

  case "whose roles we do not know" {
    signals = { subject = { roles = null }, resource = { patients = 21 } }
    expect { effect = "deny" }
  }
}

test "from outside" {
  action = "record.view"
  uses   = ["nurse", "own patient", "at home"]
  expect { effect = "allow" }

  case "a password and a code" {}

  case "a password" {
    signals = { session = { acr = null, amr = ["pwd"] } }
    expect {
      effect      = "step_up"
      requirement = { level = "two_factor", max_age = 43200 }
    }
  }
}

test "a workstation that was left alone" {
  action  = "record.view"
  uses    = ["nurse", "own patient"]
  signals = { workstation = { idle = "301s" } }
  expect {
    effect      = "step_up"
    requirement = { level = "badge", max_age = 300 }
    reasons     = [{ rule = "workstation left alone" }]
  }

  case "wants a tap" {}

  case "five minutes are not alone" {
    signals = { workstation = { idle = "300s" } }
    expect { effect = "allow" }
  }

  case "nor is one's own office" {
    signals = { workstation = { shared = false } }
    expect { effect = "allow" }
  }

  case "tapped" {
    signals = { session = { auth_time = "2026-11-20T07:59:00Z" } }
    expect { effect = "allow" }
  }

  case "that does not say how long" {
    signals = { workstation = { idle = null } }
    expect { indeterminate = [{ rule = "workstation left alone" }] }
  }
}
