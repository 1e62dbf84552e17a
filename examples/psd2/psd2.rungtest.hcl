# What each exemption takes, figure by figure, and that nothing else opens.

# A customer who signed in with the phone's key a quarter of an hour ago, and confirmed a payment by strong authentication this morning.
fixture "customer" {
  now = "2026-11-20T12:00:00Z"
  signals = {
    subject = { id = "c-1017", type = "consumer", enrolled = ["pwd", "otp", "swk"] }
    session = { amr = ["swk"], auth_time = "2026-11-20T11:45:00Z" }
    since_sca = {
      account_access    = "2026-09-01T08:00:00Z"
      remote_sum        = 0
      remote_count      = 0
      contactless_sum   = 0
      contactless_count = 0
    }
  }
}

# What the fraud engine says of somebody who does nothing unusual.
fixture "no risk" {
  signals = {
    risk = {
      abnormal_spending  = false
      unusual_device     = false
      malware            = false
      fraud_scenario     = false
      abnormal_location  = false
      payee_at_high_risk = false
    }
  }
}

# A credit transfer to somebody new, by which nothing is exempted.
fixture "transfer" {
  signals = {
    resource = {
      amount            = 80
      payee             = "DE02120300000000202051"
      card              = false
      payee_listed      = false
      dedicated_process = false
    }
  }
}

test "low value, Art. 16" {
  action  = "payment.create"
  uses    = ["customer", "transfer"]
  signals = { resource = { amount = 30 } }
  expect { effect = "allow" }

  case "30 is low" {}

  case "30.01 is not" {
    signals = { resource = { amount = 30.01 } }
    expect {
      effect = "step_up"
      requirement = {
        level      = "sca_linked"
        acr_values = ["urn:bank:acr:sca-linked"]
        max_age    = 300
      }
      reasons = [
        {
          rule    = "payment.create/no exemption"
          message = "Please confirm this payment with a second factor."
        },
      ]
    }
  }

  case "100 in sum" { signals = { since_sca = { remote_sum = 70 } } }

  case "more than 100 in sum" {
    signals = { since_sca = { remote_sum = 70.01 } }
    expect { effect = "step_up" }
  }

  case "the fifth, counted" {
    params  = { counter = "count" }
    signals = { since_sca = { remote_sum = 500, remote_count = 4 } }
  }

  case "the sixth, counted" {
    params  = { counter = "count" }
    signals = { since_sca = { remote_count = 5 } }
    expect { effect = "step_up" }
  }

  case "the ledger does not answer" {
    signals = { since_sca = null }
    expect {
      effect        = "step_up"
      indeterminate = [{ rule = "payment.create/no exemption", code = "no_such_attribute" }]
    }
  }
}

test "trusted beneficiary, Art. 13" {
  action  = "payment.create"
  uses    = ["customer", "transfer"]
  signals = { resource = { amount = 4000 } }
  expect { effect = "step_up" }

  case "not on the list" {}

  case "on the list" {
    signals = { resource = { payee_listed = true } }
    expect { effect = "allow" }
  }
}

test "recurring, Art. 14" {
  action = "payment.create"
  uses   = ["customer", "transfer"]
  signals = {
    resource = { series = { amount = 80, payee = "DE02120300000000202051" } }
  }
  expect { effect = "allow" }

  case "the same again" {}

  case "another amount" {
    signals = { resource = { amount = 80.01 } }
    expect { effect = "step_up" }
  }

  case "another payee" {
    signals = { resource = { payee = "DE75512108001245126199" } }
    expect { effect = "step_up" }
  }
}

test "own accounts, Art. 15" {
  action = "payment.create"
  uses   = ["customer", "transfer"]
  expect { effect = "allow" }

  case "mine" { signals = { resource = { amount = 20000, payee_holder = "c-1017" } } }

  case "another customer's" {
    signals = { resource = { payee_holder = "c-2044" } }
    expect { effect = "step_up" }
  }

  case "whose am I" {
    signals = { subject = { id = null }, resource = { payee_holder = "c-2044" } }
    expect {
      effect        = "step_up"
      indeterminate = [{ rule = "payment.create/no exemption" }]
    }
  }
}

test "corporate processes, Art. 17" {
  action = "payment.create"
  uses   = ["customer", "transfer"]
  params = { corporate_processes = true }
  signals = {
    subject  = { type = "corporate" }
    resource = { amount = 250000, dedicated_process = true }
  }
  expect { effect = "allow" }

  case "a corporation's batch" {}

  case "the authority is not satisfied" {
    params = { corporate_processes = false }
    expect { effect = "step_up" }
  }

  case "a consumer" {
    signals = { subject = { type = "consumer" } }
    expect { effect = "step_up" }
  }

  case "by the web" {
    signals = { resource = { dedicated_process = false } }
    expect { effect = "step_up" }
  }
}

# The thresholds of the Annex: of the fraud rate, in percent, and of the amount.
test "low risk of a transfer, Art. 18" {
  action = "payment.create"
  uses   = ["customer", "transfer", "no risk"]
  params = { fraud_rate_transfers = 0.005 }
  expect { effect = "allow" }

  case "500 at 0.005 %" { signals = { resource = { amount = 500 } } }

  case "501 at 0.005 %" {
    signals = { resource = { amount = 501 } }
    expect { effect = "step_up" }
  }

  case "250 at 0.01 %" {
    params  = { fraud_rate_transfers = 0.01 }
    signals = { resource = { amount = 250 } }
  }

  case "251 at 0.01 %" {
    params  = { fraud_rate_transfers = 0.01 }
    signals = { resource = { amount = 251 } }
    expect { effect = "step_up" }
  }

  case "100 at 0.015 %" {
    params  = { fraud_rate_transfers = 0.015 }
    signals = { resource = { amount = 100 } }
  }

  case "101 at 0.015 %" {
    params  = { fraud_rate_transfers = 0.015 }
    signals = { resource = { amount = 101 } }
    expect { effect = "step_up" }
  }

  case "31 at 0.016 %" {
    params  = { fraud_rate_transfers = 0.016 }
    signals = { resource = { amount = 31 } }
    expect { effect = "step_up" }
  }

  case "abnormal spending" {
    signals = { risk = { abnormal_spending = true } }
    expect { effect = "step_up" }
  }

  case "unusual device" {
    signals = { risk = { unusual_device = true } }
    expect { effect = "step_up" }
  }

  case "malware" {
    signals = { risk = { malware = true } }
    expect { effect = "step_up" }
  }

  case "known scenario of fraud" {
    signals = { risk = { fraud_scenario = true } }
    expect { effect = "step_up" }
  }

  case "abnormal location" {
    signals = { risk = { abnormal_location = true } }
    expect { effect = "step_up" }
  }

  case "payee at a place of high risk" {
    signals = { risk = { payee_at_high_risk = true } }
    expect { effect = "step_up" }
  }
}

test "low risk of a card payment, Art. 18" {
  action  = "payment.create"
  uses    = ["customer", "transfer", "no risk"]
  params  = { fraud_rate_cards = 0.01 }
  signals = { resource = { card = true } }
  expect { effect = "allow" }

  case "500 at 0.01 %" { signals = { resource = { amount = 500 } } }

  case "501 at 0.01 %" {
    signals = { resource = { amount = 501 } }
    expect { effect = "step_up" }
  }

  case "250 at 0.06 %" {
    params  = { fraud_rate_cards = 0.06 }
    signals = { resource = { amount = 250 } }
  }

  case "100 at 0.13 %" {
    params  = { fraud_rate_cards = 0.13 }
    signals = { resource = { amount = 100 } }
  }

  case "31 at 0.14 %" {
    params  = { fraud_rate_cards = 0.14 }
    signals = { resource = { amount = 31 } }
    expect { effect = "step_up" }
  }
}

# The fraud engine costs time and money.
test "the risk is fetched where it matters, and only there" {
  action = "payment.create"
  uses   = ["customer", "transfer"]
  params = { fraud_rate_transfers = 0.005 }
  expect { effect = "allow" }

  case "small enough for this exemption, and for no other" {
    expect {
      effect = "need"
      need   = ["risk"]
    }
  }

  case "exempted anyway" { signals = { resource = { payee_listed = true } } }

  case "too large anyway" {
    signals = { resource = { amount = 501 } }
    expect { effect = "step_up" }
  }

  case "asked for, and the engine does not answer" {
    signals = { risk = null }
    expect {
      effect        = "step_up"
      indeterminate = [{ rule = "payment.create/no exemption", code = "no_such_attribute" }]
    }
  }
}

test "confirmed by the customer, Art. 5" {
  action = "payment.create"
  uses   = ["customer", "transfer"]
  signals = {
    session = {
      acr       = "urn:bank:acr:sca-linked"
      amr       = ["swk", "mfa"]
      auth_time = "2026-11-20T11:58:00Z"
    }
    approval = { amount = 80, payee = "DE02120300000000202051" }
  }
  expect { effect = "allow" }

  case "this payment" {}

  case "too long ago" {
    signals = { session = { auth_time = "2026-11-20T11:54:59Z" } }
    expect { effect = "step_up" }
  }

  case "two factors that were linked to nothing" {
    signals = { approval = null, session = { acr = "urn:bank:acr:sca" } }
    expect { effect = "step_up" }
  }

  case "another amount" {
    signals = { resource = { amount = 8000 } }
    expect {
      effect  = "deny"
      reasons = [{ rule = "payment.create/confirmed something else" }]
    }
  }

  case "another payee" {
    signals = { resource = { payee = "DE75512108001245126199" } }
    expect { effect = "deny" }
  }

  case "who knows what" {
    signals = { approval = null }
    expect {
      effect        = "deny"
      indeterminate = [{ rule = "payment.create/confirmed something else" }]
    }
  }
}

test "while fraud is running" {
  action  = "payment.create"
  uses    = ["customer", "transfer"]
  posture = "fraud_wave"
  signals = { resource = { amount = 10 } }
  expect {
    effect      = "step_up"
    requirement = { level = "sca_linked", max_age = 300 }
    reasons     = [{ rule = "payment.create/fraud wave" }]
  }

  case "no exemption is given" {}

  case "who confirms the payment, pays" {
    signals = {
      session  = { acr = "urn:bank:acr:sca-linked", auth_time = "2026-11-20T11:58:00Z" }
      approval = { amount = 10, payee = "DE02120300000000202051" }
    }
    expect { effect = "allow" }
  }
}

test "contactless, Art. 11 and 12" {
  action  = "payment.contactless"
  uses    = ["customer"]
  signals = { resource = { amount = 50, unattended = false } }
  expect { effect = "allow" }

  case "50 is low" {}

  case "50.01 is not" {
    signals = { resource = { amount = 50.01 } }
    expect {
      effect      = "step_up"
      requirement = { level = "sca", max_age = 60 }
      reasons     = [{ rule = "payment.contactless/no exemption" }]
    }
  }

  case "150 in sum" { signals = { since_sca = { contactless_sum = 100 } } }

  case "more than 150 in sum" {
    signals = { since_sca = { contactless_sum = 100.01 } }
    expect { effect = "step_up" }
  }

  case "the fifth, counted" {
    params  = { counter = "count" }
    signals = { since_sca = { contactless_count = 4 } }
  }

  case "the sixth, counted" {
    params  = { counter = "count" }
    signals = { since_sca = { contactless_count = 5 } }
    expect { effect = "step_up" }
  }

  case "the toll of a motorway" { signals = { resource = { amount = 74, unattended = true } } }
}

test "looking at accounts, Art. 10" {
  action  = "account.view"
  uses    = ["customer"]
  signals = { resource = { days = 90, via_aisp = false } }
  expect { effect = "allow" }

  case "within the window" {}

  case "the 180th day" { signals = { since_sca = { account_access = "2026-05-24T12:00:00Z" } } }

  case "after it" {
    signals = { since_sca = { account_access = "2026-05-24T11:59:59Z" } }
    expect {
      effect = "step_up"
      requirement = {
        level      = "sca"
        acr_values = ["urn:bank:acr:sca", "urn:bank:acr:sca-linked"]
        reachable  = true
      }
      reasons = [{ rule = "account.view/first access, or long ago" }]
    }
  }

  case "the first time" {
    signals = { since_sca = { account_access = null } }
    expect { effect = "step_up" }
  }

  case "payments of long ago" {
    signals = { resource = { days = 91 } }
    expect {
      effect  = "step_up"
      reasons = [{ rule = "account.view/more than 90 days" }]
    }
  }

  case "the bank has shortened the window" {
    params = { own_access_window = "720h" }
    expect { effect = "step_up" }
  }

  case "while fraud is running" {
    posture = "fraud_wave"
    expect { effect = "step_up" }
  }
}

test "looking at accounts through a service, Art. 10a" {
  action  = "account.view"
  uses    = ["customer"]
  signals = { resource = { days = 30, via_aisp = true } }
  expect { effect = "allow" }

  case "within the window" {}

  case "the bank's own window is another matter" { params = { own_access_window = "720h" } }

  case "after 180 days" {
    signals = { since_sca = { account_access = "2026-05-24T11:59:59Z" } }
    expect {
      effect  = "step_up"
      reasons = [{ rule = "account.view/first access through a service, or long ago" }]
    }
  }

  case "the first time" {
    signals = { since_sca = { account_access = null } }
    expect { effect = "step_up" }
  }
}

test "what prepares payments" {
  action = "beneficiary.change"
  uses   = ["customer"]
  expect {
    effect      = "step_up"
    requirement = { level = "sca", max_age = 300 }
  }

  case "the list of trusted beneficiaries" {}

  case "with two fresh factors" {
    signals = { session = { amr = ["swk", "mfa"], auth_time = "2026-11-20T11:56:00Z" } }
    expect { effect = "allow" }
  }

  case "a new authenticator" {
    action = "credential.change"
    expect { requirement = { level = "sca", max_age = 120 } }
  }

  case "nobody is signed in" {
    signals = { session = null }
    expect { satisfied = null }
  }
}

test "setting up a series, Art. 14(1)" {
  action = "series.create"
  uses   = ["customer"]
  signals = {
    session  = { acr = "urn:bank:acr:sca-linked", auth_time = "2026-11-20T11:58:00Z" }
    approval = { amount = 80, payee = "DE02120300000000202051" }
    resource = { amount = 80, payee = "DE02120300000000202051" }
  }
  expect { effect = "allow" }

  case "as confirmed" {}

  case "not confirmed" {
    signals = { approval = null, session = { acr = "urn:bank:acr:sca" } }
    expect { effect = "step_up" }
  }

  case "another amount" {
    signals = { resource = { amount = 90 } }
    expect { effect = "deny" }
  }

  case "another payee" {
    signals = { resource = { payee = "DE75512108001245126199" } }
    expect { effect = "deny" }
  }
}
