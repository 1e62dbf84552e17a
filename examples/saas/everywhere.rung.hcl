# Rules that reach many actions.

# Every day once, whatever is done: NIST SP 800-63B-4 has a session at AAL2 end after 24 hours at most.
step_up "once a day" {
  actions = ["*"]
  max_age = "24h"
  reason  = "Please sign in again."
}

# One prompt on a device that is new to us, not one for each click: the freshness of an hour covers what comes next.
step_up "new device" {
  actions = ["member.*", "role.*", "apikey.*", "data.*", "billing.*"]
  when    = "new_device"
  unless  = "in_office"
  level   = "mfa"
  max_age = "1h"
  reason  = "This device is new to us."
}

step_up "the session has moved" {
  actions = ["*"]
  when    = "moved"
  level   = "mfa"
  max_age = "5m"
  reason  = "You are in another country than when you signed in."
}

# Owners can do everything, so nobody is to take over an owner with a phished code.
step_up "owners, always" {
  actions = ["*"]
  when    = "'owner' in subject.roles"
  level   = "passkey"
  reason  = "Owners use a passkey."
}

step_up "lockdown" {
  actions = ["member.*", "role.*", "sso.*", "apikey.*", "data.*", "billing.*"]
  posture = "lockdown"
  level   = "passkey"
  max_age = "15m"
  reason  = "We ask for a passkey at the moment."
}

# On trial: how many would be asked, if codes that are typed were no longer enough to hand out rights? Read the reports, then enforce it.
step_up "passkeys for rights, on trial" {
  actions = ["role.grant", "apikey.create"]
  mode    = "shadow"
  rollout {
    percent = 25
    by      = "subject.id"
  }
  level = "passkey"
}
