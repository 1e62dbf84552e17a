# An administrator, in the office, with the second factor of this morning.
fixture "admin" {
  now = "2026-11-20T12:00:00Z"
  signals = {
    subject = { id = "u-1", roles = ["admin"], enrolled = ["pwd", "otp", "hwk"] }
    session = {
      acr       = "urn:okta:loa:2fa:any"
      amr       = ["pwd", "otp"]
      auth_time = "2026-11-20T08:00:00Z"
      country   = "DE"
    }
    device  = { id = "d-1", managed = true, first_seen = "2025-03-02T08:15:00Z" }
    network = { ip = "203.0.113.40", country = "DE" }
  }
}

# At home, on a device of their own.
fixture "at home" {
  signals = {
    device  = { id = "d-7", managed = false, first_seen = "2026-06-01T08:15:00Z" }
    network = { ip = "192.0.2.7", country = "DE" }
  }
}

# With a passkey, a minute ago.
fixture "passkey" {
  signals = { session = { acr = "phrh", amr = ["hwk", "mfa"], auth_time = "2026-11-20T11:59:00Z" } }
}

test "a day in the console" {
  action = "console.view"
  uses   = ["admin"]
  expect { effect = "allow" }

  case "nothing is asked" {}

  case "at home neither" { uses = ["admin", "at home"] }

  case "a password is not enough" {
    signals = { session = { acr = "urn:okta:loa:1fa:any", amr = ["pwd"] } }
    expect {
      effect      = "step_up"
      requirement = { level = "mfa", acr_values = ["urn:okta:loa:2fa:any", "phr", "phrh"] }
    }
  }

  case "24 hours later" {
    now = "2026-11-21T08:00:00Z"
  }

  case "and a second" {
    now = "2026-11-21T08:00:01Z"
    expect {
      effect      = "step_up"
      requirement = { level = "mfa", max_age = 86400 }
      reasons     = [{ rule = "once a day", message = "Please sign in again." }]
    }
  }
}

test "owners use a passkey" {
  action  = "console.view"
  uses    = ["admin"]
  signals = { subject = { roles = ["owner"] } }
  expect {
    effect      = "step_up"
    requirement = { level = "passkey" }
    reasons     = [{ rule = "owners, always" }]
  }

  case "a code" {}

  case "a passkey" {
    uses = ["admin", "passkey"]
    expect { effect = "allow" }
  }

  case "whose roles we do not know" {
    signals = { subject = { roles = null } }
    expect { indeterminate = [{ rule = "owners, always", code = "no_such_attribute" }] }
  }
}

test "a session that has moved" {
  action  = "console.view"
  uses    = ["admin"]
  signals = { network = { country = "BR" } }
  expect {
    effect      = "step_up"
    requirement = { level = "mfa", max_age = 300 }
    reasons     = [{ rule = "the session has moved" }]
  }

  case "to another country" {}

  case "and has authenticated there" {
    signals = { session = { auth_time = "2026-11-20T11:58:00Z" } }
    expect { effect = "allow" }
  }

  case "from who knows where" {
    signals = { session = { country = null } }
    expect { effect = "allow" }
  }

  case "to who knows where" {
    signals = { network = { country = null } }
    expect { indeterminate = [{ rule = "the session has moved" }] }
  }
}

test "inviting" {
  action  = "member.invite"
  uses    = ["admin"]
  signals = { resource = { domain_verified = true } }
  expect { effect = "allow" }

  case "a colleague" {}

  case "an outsider" {
    signals = { resource = { domain_verified = false } }
    expect {
      effect      = "step_up"
      requirement = { level = "mfa", max_age = 3600 }
      reasons     = [{ rule = "member.invite/outsider" }]
    }
  }
}

test "a new device" {
  action = "billing.update"
  uses   = ["admin", "at home"]
  signals = {
    device  = { first_seen = "2026-11-19T12:00:01Z" }
    session = { auth_time = "2026-11-20T10:30:00Z" }
  }
  expect {
    effect  = "step_up"
    reasons = [{ rule = "billing.update/fresh" }, { rule = "new device" }]
  }

  case "in its first day" {}

  case "after it" {
    signals = { device = { first_seen = "2026-11-19T12:00:00Z" } }
    expect { reasons = [{ rule = "billing.update/fresh" }] }
  }

  case "never seen" {
    signals = { device = null }
    expect { indeterminate = [{ rule = "new device" }] }
  }

  case "in the office" {
    signals = { network = { ip = "203.0.113.40" } }
    expect { reasons = [{ rule = "billing.update/fresh" }] }
  }

  case "at an address that we do not know" {
    signals = { network = { ip = null } }
    expect { indeterminate = [{ rule = "new device" }] }
  }

  case "while accounts are attacked, a month is new" {
    posture = "elevated"
    signals = { device = { first_seen = "2026-10-25T12:00:00Z" } }
  }

  case "fresh" {
    signals = { session = { auth_time = "2026-11-20T11:50:00Z" } }
    expect { effect = "allow" }
  }
}

test "granting roles" {
  action  = "role.grant"
  uses    = ["admin"]
  signals = { resource = { role = "viewer", before = "editor" } }
  expect { effect = "allow" }

  case "of no weight" {}

  case "admin" {
    signals = { resource = { role = "admin" } }
    expect {
      effect      = "step_up"
      requirement = { level = "mfa", max_age = 900 }
      reasons     = [{ rule = "role.grant/administrators" }]
    }
  }

  case "no longer billing" {
    signals = { resource = { before = "billing" } }
    expect { effect = "step_up" }
  }

  case "owner" {
    signals = { resource = { role = "owner" } }
    expect {
      effect = "step_up"
      requirement = {
        level      = "passkey"
        max_age    = 300
        acr_values = ["phr", "phrh"]
        reachable  = true
      }
      reasons = [{ rule = "role.grant/owners" }]
    }
  }

  case "owner, who has no passkey" {
    signals = { subject = { enrolled = ["pwd", "otp"] }, resource = { role = "owner" } }
    expect {
      effect      = "step_up"
      requirement = { reachable = false }
    }
  }

  case "no longer owner" {
    signals = { resource = { before = "owner" } }
    expect { effect = "step_up" }
  }

  case "owner, with a passkey" {
    uses    = ["admin", "passkey"]
    signals = { resource = { role = "owner" } }
  }
}

test "how people sign in" {
  action = "sso.update"
  uses   = ["admin"]
  expect {
    effect      = "step_up"
    requirement = { level = "passkey", max_age = 300 }
  }

  case "a code is not enough" {}

  case "a passkey is" {
    uses = ["admin", "passkey"]
    expect { effect = "allow" }
  }

  case "not over Tor" {
    uses    = ["admin", "passkey"]
    signals = { network = { tor = true } }
    expect {
      effect  = "deny"
      reasons = [{ rule = "sso.update/anonymous network" }]
    }
  }

  case "nor over a proxy" {
    uses    = ["admin", "passkey"]
    signals = { network = { proxy = true } }
    expect { effect = "deny" }
  }
}

test "keys" {
  action  = "apikey.create"
  uses    = ["admin"]
  signals = { resource = { scopes = ["users:read"], days = 90 } }
  expect { effect = "allow" }

  case "to read, for three months" {}

  case "to write" {
    signals = { resource = { scopes = ["users:read", "users:write"] } }
    expect {
      effect      = "step_up"
      requirement = { level = "mfa", max_age = 900 }
      reasons     = [{ rule = "apikey.create/can change things" }]
    }
  }

  case "to administer" {
    signals = { resource = { scopes = ["billing:admin"] } }
    expect { effect = "step_up" }
  }

  case "for a year" { signals = { resource = { days = 365 } } }

  case "for longer" {
    signals = { resource = { days = 366 } }
    expect {
      effect      = "step_up"
      requirement = { level = "passkey", max_age = 900 }
      reasons     = [{ rule = "apikey.create/lives long" }]
    }
  }

  case "for ever" {
    signals = { resource = { days = null } }
    expect { effect = "step_up" }
  }
}

test "exports" {
  action  = "data.export"
  uses    = ["admin"]
  signals = { resource = { rows = 10000 } }
  expect { effect = "allow" }

  case "10,000 rows" {}

  case "one more" {
    signals = { resource = { rows = 10001 } }
    expect {
      effect      = "step_up"
      requirement = { level = "passkey", max_age = 900 }
      reasons     = [{ rule = "data.export/bulk" }]
    }
  }

  case "at home on one's own device" {
    uses    = ["admin", "at home", "passkey"]
    signals = { resource = { rows = 10001 } }
    expect {
      effect  = "deny"
      reasons = [{ rule = "data.export/bulk to a device that nobody manages" }]
    }
  }

  case "at home on a managed device" {
    uses    = ["admin", "at home", "passkey"]
    signals = { device = { managed = true }, resource = { rows = 10001 } }
  }

  case "while accounts are attacked, 101 rows are many" {
    posture = "elevated"
    signals = { resource = { rows = 101 } }
    expect { effect = "step_up" }
  }
}

test "deleting the organisation" {
  action = "organization.delete"
  uses   = ["admin", "passkey"]
  expect { effect = "allow" }

  case "with a passkey of now" {}

  case "of two minutes ago" {
    now = "2026-11-20T12:00:01Z"
    expect {
      effect      = "step_up"
      requirement = { level = "passkey", max_age = 60 }
    }
  }

  case "from a new device" {
    signals = { device = { first_seen = "2026-11-20T11:00:00Z" } }
    expect { effect = "deny" }
  }

  case "from who knows what" {
    signals = { device = { first_seen = null } }
    expect {
      effect        = "deny"
      indeterminate = [{ rule = "organization.delete/new device" }]
    }
  }
}

test "our own people" {
  action  = "support.impersonate"
  uses    = ["admin", "passkey"]
  signals = { resource = { consent_until = "2026-11-20T13:00:00Z" } }
  expect { effect = "allow" }

  case "with the customer's consent" {}

  case "a code is not enough" {
    uses = ["admin"]
    expect { effect = "step_up" }
  }

  case "which has run out" {
    signals = { resource = { consent_until = "2026-11-20T12:00:00Z" } }
    expect {
      effect  = "deny"
      reasons = [{ rule = "support.impersonate/no consent" }]
    }
  }

  case "which was never given" {
    signals = { resource = { consent_until = null } }
    expect { effect = "deny" }
  }

  case "on a device of their own" {
    uses = ["admin", "at home", "passkey"]
    expect {
      effect  = "deny"
      reasons = [{ rule = "support.impersonate/device that nobody manages" }]
    }
  }

  case "on who knows what" {
    signals = { device = { managed = null } }
    expect { effect = "deny" }
  }
}

test "lockdown" {
  action  = "member.invite"
  uses    = ["admin"]
  posture = "lockdown"
  signals = { resource = { domain_verified = true } }
  expect {
    effect      = "step_up"
    requirement = { level = "passkey", max_age = 900 }
    reasons     = [{ rule = "lockdown" }]
  }

  case "whatever it is" {}

  case "looking is free" {
    action  = "console.view"
    signals = { resource = null }
    expect { effect = "allow" }
  }
}

# u-1 is among the other three quarters, u-5 is in.
test "a rule on trial reports, and asks nobody" {
  action  = "role.grant"
  uses    = ["admin"]
  signals = { resource = { role = "viewer", before = "editor" } }
  expect {
    effect        = "allow"
    shadow        = []
    shadow_effect = null
  }

  case "three quarters" {}

  case "a quarter" {
    signals = { subject = { id = "u-5" } }
    expect {
      shadow        = [{ rule = "passkeys for rights, on trial", level = "passkey" }]
      shadow_effect = "step_up"
    }
  }
}
