# Friday noon in Berlin. An engineer signed in this morning, with single sign-on.
fixture "engineer" {
  now = "2026-11-20T11:00:00Z"
  signals = {
    subject = {
      id       = "mara"
      type     = "user"
      groups   = ["payments"]
      enrolled = ["pwd", "otp", "hwk"]
    }
    session = { acr = "urn:forge:acr:sso", amr = ["pwd"], auth_time = "2026-11-20T07:30:00Z" }
  }
}

# She has answered with a second factor ten minutes ago: sudo mode.
fixture "sudo" {
  signals = {
    session = {
      acr       = "urn:forge:acr:mfa"
      amr       = ["pwd", "otp"]
      auth_time = "2026-11-20T10:50:00Z"
    }
  }
}

fixture "passkey" {
  signals = { session = { acr = "phrh", amr = ["hwk", "mfa"], auth_time = "2026-11-20T10:59:00Z" } }
}

# A pipeline, by the identity that its platform attests.
fixture "robot" {
  now = "2026-11-20T11:00:00Z"
  signals = {
    subject = { id = "pipeline:shop/main", type = "service", groups = [], enrolled = [] }
    session = { acr = "urn:forge:acr:workload", auth_time = "2026-11-20T10:58:00Z" }
  }
}

# A build of somebody else's change, which two have seen.
fixture "build" {
  signals = {
    resource = {
      environment = "production"
      tier        = 2
      attested    = true
      author      = "jonas"
      approvals   = 2
    }
  }
}

test "anybody runs pipelines" {
  action = "pipeline.run"
  uses   = ["engineer"]
  expect { effect = "allow" }

  case "an engineer" {}

  case "a robot" { uses = ["robot"] }

  case "nobody" {
    signals = { session = null }
    expect { effect = "step_up" }
  }
}

test "production" {
  action = "deploy.create"
  uses   = ["engineer", "build"]
  expect {
    effect = "step_up"
    requirement = {
      level      = "sudo"
      max_age    = 900
      acr_values = ["urn:forge:acr:mfa", "phr", "phrh"]
    }
    reasons = [{ rule = "deploy.create/production" }]
  }

  case "asks for a second factor" {}

  case "once in fifteen minutes" {
    uses = ["engineer", "sudo", "build"]
    expect { effect = "allow" }
  }

  case "and then again" {
    uses = ["engineer", "sudo", "build"]
    now  = "2026-11-20T11:05:01Z"
  }

  case "staging asks nothing" {
    signals = {
      resource = { environment = "staging", attested = false, author = "mara", approvals = 0 }
    }
    expect { effect = "allow" }
  }

  case "a robot is not asked" {
    uses = ["robot", "build"]
    expect { effect = "allow" }
  }

  case "who knows what it is" {
    signals = { subject = { type = null } }
    expect { indeterminate = [{ rule = "deploy.create/production" }] }
  }
}

# Berlin is an hour before UTC in winter, two in summer.
test "tier 1" {
  action  = "deploy.create"
  uses    = ["engineer", "sudo", "build"]
  signals = { resource = { tier = 1 }, session = { auth_time = null, authentications = [] } }
  expect {
    effect  = "step_up"
    reasons = [{ rule = "deploy.create/production" }, { rule = "deploy.create/tier 1 at night" }]
  }

  case "Friday, 8 in winter" {
    now = "2026-11-20T07:00:00Z"
    expect { reasons = [{ rule = "deploy.create/production" }] }
  }

  case "a minute before" { now = "2026-11-20T06:59:00Z" }

  case "Friday, 8 in summer" {
    now = "2026-07-17T06:00:00Z"
    expect { reasons = [{ rule = "deploy.create/production" }] }
  }

  case "Friday, 18" { now = "2026-11-20T17:00:00Z" }
  case "Saturday noon" { now = "2026-11-21T11:00:00Z" }

  case "Saturday noon, where nobody cares" {
    now    = "2026-11-21T11:00:00Z"
    params = { ask_at_night = false }
    expect { reasons = [{ rule = "deploy.create/production" }] }
  }

  case "Saturday noon, tier 2" {
    now     = "2026-11-21T11:00:00Z"
    signals = { resource = { tier = 2 } }
    expect { reasons = [{ rule = "deploy.create/production" }] }
  }

  case "Saturday noon, with a passkey" {
    now     = "2026-11-21T11:00:00Z"
    signals = { session = { acr = "phr", auth_time = "2026-11-21T10:50:00Z" } }
    expect { effect = "allow" }
  }

  case "Saturday noon, a robot" {
    uses    = ["robot", "build"]
    now     = "2026-11-21T11:00:00Z"
    signals = { session = { auth_time = "2026-11-21T10:59:00Z" } }
    expect { effect = "allow" }
  }
}

test "one's own change, seen by nobody else" {
  action  = "deploy.create"
  uses    = ["engineer", "sudo", "build"]
  signals = { resource = { author = "mara", approvals = 0 } }
  expect {
    effect      = "step_up"
    requirement = { level = "passkey", max_age = 300, reachable = true }
    reasons     = [{ rule = "deploy.create/own change, seen by nobody else" }]
  }

  case "sudo is not enough" {}

  case "a passkey is" {
    uses = ["engineer", "passkey", "build"]
    expect { effect = "allow" }
  }

  case "one other has seen it" {
    signals = { resource = { approvals = 1 } }
    expect { effect = "allow" }
  }

  case "somebody else's" {
    signals = { resource = { author = "jonas" } }
    expect { effect = "allow" }
  }

  case "a robot that brings its own update has no passkey" {
    uses    = ["robot", "build"]
    signals = { resource = { author = "pipeline:shop/main", approvals = 0 } }
    expect { requirement = { reachable = false } }
  }
}

test "what never reaches production" {
  action = "deploy.create"
  uses   = ["robot", "build"]
  expect { effect = "deny" }

  case "a build of unknown origin" {
    signals = { resource = { attested = false } }
    expect { reasons = [{ rule = "deploy.create/build of unknown origin" }] }
  }

  case "anything new in a freeze" {
    params = { freeze = true }
    expect { reasons = [{ rule = "deploy.create/change freeze" }] }
  }

  case "but for release managers" {
    uses    = ["engineer", "sudo", "build"]
    params  = { freeze = true }
    signals = { subject = { groups = ["release-managers"] } }
    expect { effect = "allow" }
  }

  case "staging goes on" {
    params  = { freeze = true }
    signals = { resource = { environment = "staging" } }
    expect { effect = "allow" }
  }

  case "groups that nobody knows" {
    params  = { freeze = true }
    signals = { subject = { groups = null } }
    expect { indeterminate = [{ rule = "deploy.create/change freeze" }] }
  }
}

test "incident" {
  action  = "deploy.create"
  uses    = ["engineer", "sudo", "build"]
  posture = "incident"
  expect {
    effect      = "step_up"
    requirement = { level = "passkey", max_age = 300 }
    reasons     = [{ rule = "deploy.create/incident" }]
  }

  case "a person stands up for it" {}

  case "a robot cannot" { uses = ["robot", "build"] }

  case "with a passkey" {
    uses = ["engineer", "passkey", "build"]
    expect { effect = "allow" }
  }

  case "staging goes on" {
    signals = { resource = { environment = "staging" } }
    expect { effect = "allow" }
  }
}

test "the way back" {
  action  = "deploy.rollback"
  uses    = ["engineer"]
  signals = { resource = { environment = "production", releases = 1 } }
  expect { effect = "allow" }

  case "is free" {}

  case "in an incident too" { posture = "incident" }
  case "in a freeze too" { params = { freeze = true } }
  case "three releases" { signals = { resource = { releases = 3 } } }

  case "four" {
    signals = { resource = { releases = 4 } }
    expect {
      effect      = "step_up"
      requirement = { level = "sudo", max_age = 900 }
    }
  }

  case "four, in staging" { signals = { resource = { environment = "staging", releases = 4 } } }
}

test "secrets" {
  action  = "secret.read"
  uses    = ["engineer"]
  signals = { resource = { environment = "staging" } }
  expect {
    effect      = "step_up"
    requirement = { level = "sudo", max_age = 900 }
  }

  case "of staging" {}

  case "of staging, in sudo mode" {
    uses = ["engineer", "sudo"]
    expect { effect = "allow" }
  }

  case "of production" {
    uses    = ["engineer", "sudo"]
    signals = { resource = { environment = "production" } }
    expect { requirement = { level = "passkey", max_age = 300 } }
  }

  case "of production, with a passkey" {
    uses    = ["engineer", "passkey"]
    signals = { resource = { environment = "production" } }
    expect { effect = "allow" }
  }

  case "of production, for a robot" {
    uses    = ["robot"]
    signals = { resource = { environment = "production" } }
    expect { effect = "allow" }
  }

  case "written" {
    action  = "secret.write"
    signals = { resource = null }
  }
}

test "what the gate rests on" {
  action = "protection.change"
  uses   = ["engineer", "sudo"]
  expect {
    effect      = "step_up"
    requirement = { level = "passkey", max_age = 300 }
  }

  case "a passkey" {}

  case "here it is" {
    uses = ["engineer", "passkey"]
    expect { effect = "allow" }
  }

  case "no robots" {
    uses = ["robot"]
    expect {
      effect  = "deny"
      reasons = [{ rule = "protection.change/robots" }]
    }
  }
}
