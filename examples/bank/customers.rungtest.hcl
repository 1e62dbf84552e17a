# What the tests of this folder build on: who asks, from where, how well authenticated. A test names the fixtures that it uses and replaces what
# it is about.

# A customer at home, on a device that we have known for long, who has typed a password an hour ago.
fixture "customer" {
  now = "2026-11-20T12:00:00Z"
  signals = {
    subject    = { id = "c-1017", enrolled = ["pwd", "otp"] }
    session    = { acr = "urn:bank:acr:pwd", auth_time = "2026-11-20T11:00:00Z" }
    device     = { id = "d-1", trusted = true, first_seen = "2025-03-02T08:15:00Z" }
    network    = { ip = "203.0.113.40", country = "FR" }
    velocity   = { transfers_1h = 1, payees_24h = 0 }
    reputation = 0.92
  }
}

fixture "second factor" {
  signals = {
    session = { acr = "urn:bank:acr:mfa", auth_time = "2026-11-20T11:58:00Z" }
  }
}

fixture "passkey" {
  signals = {
    session = { acr = "phr", auth_time = "2026-11-20T11:59:30Z" }
  }
}

# Through an anonymising network, of tor-exits.txt.
fixture "tor" {
  signals = {
    network = { ip = "192.0.2.77" }
  }
}

fixture "new device" {
  signals = {
    device = { id = "d-9", trusted = false, first_seen = "2026-11-20T10:00:00Z" }
  }
}
