# What an organisation's administrators do.

action "console.view" {
  description = "Look around in the console"
  http        = ["GET /admin/"]
  level       = "mfa"
}

action "member.invite" {
  description = "Invite somebody into the organisation"
  http        = ["POST /admin/members"]
  level       = "mfa"

  resource = object({
    domain_verified = bool # the invited address is of a domain that the organisation has proved to own
  })

  step_up "outsider" {
    unless  = "resource.domain_verified"
    level   = "mfa"
    max_age = "1h"
    reason  = "Confirm that you invite somebody from outside."
  }
}

# Who hands out the owner's role, or takes it, gives the organisation away.
action "role.grant" {
  description = "Change the role of a member"
  http        = ["PUT /admin/members/{member}/role"]
  level       = "mfa"

  resource = object({
    role   = string
    before = string
  })

  step_up "administrators" {
    when    = "resource.role in ['admin', 'billing'] || resource.before in ['admin', 'billing']"
    level   = "mfa"
    max_age = "15m"
    reason  = "Roles of administrators are changed with a fresh second factor."
  }

  step_up "owners" {
    when    = "resource.role == 'owner' || resource.before == 'owner'"
    level   = "passkey"
    max_age = "5m"
    reason  = "Ownership is changed with a passkey."
  }
}

# How everybody signs in. With this, an attacker makes a key for every door.
action "sso.update" {
  description = "Change how members sign in: single sign-on, provisioning, recovery"
  http        = ["PUT /admin/sso", "PUT /admin/scim", "PUT /admin/recovery"]
  level       = "mfa"

  step_up "always" {
    level   = "passkey"
    max_age = "5m"
    reason  = "How people sign in is changed with a passkey."
  }

  deny "anonymous network" {
    when   = "network.?tor.orValue(false) || network.?proxy.orValue(false)"
    reason = "This cannot be changed from an anonymous network."
  }
}

action "apikey.create" {
  description = "Create a key for programs"
  http        = ["POST /admin/apikeys"]
  level       = "mfa"

  resource = object({
    scopes = list(string, 50)
    days   = optional(int) # until it expires; absent: never
  })

  step_up "can change things" {
    when    = "resource.scopes.exists(s, s.endsWith(':write') || s.endsWith(':admin'))"
    level   = "mfa"
    max_age = "15m"
    reason  = "Keys that can change things are made with a fresh second factor."
  }

  # A key outlives the session, and nobody steps up when it is used.
  step_up "lives long" {
    when    = "!has(resource.days) || resource.days > 365"
    level   = "passkey"
    max_age = "15m"
    reason  = "Keys that live longer than a year are made with a passkey."
  }
}

action "data.export" {
  description = "Export the organisation's data"
  http        = ["POST /admin/exports"]
  level       = "mfa"

  resource = object({
    rows = int
  })

  step_up "bulk" {
    when    = "resource.rows > param.export_rows"
    level   = "passkey"
    max_age = "15m"
    reason  = "Exports of this size need a passkey."
  }

  deny "bulk to a device that nobody manages" {
    when   = "resource.rows > param.export_rows && !in_office"
    unless = "device.managed"
    reason = "Exports of this size are possible from the office, or on a managed device."
  }
}

action "billing.update" {
  description = "Change plan, payment method or invoice address"
  http        = ["PUT /admin/billing"]
  level       = "mfa"

  step_up "fresh" {
    level   = "mfa"
    max_age = "15m"
    reason  = "Please confirm that it is you."
  }
}

# It cannot be undone.
action "organization.delete" {
  description = "Delete the organisation and all that is in it"
  http        = ["DELETE /admin/organization"]
  level       = "mfa"

  step_up "always" {
    level   = "passkey"
    max_age = "1m"
    reason  = "An organisation is deleted with a passkey."
  }

  deny "new device" {
    when   = "new_device"
    reason = "An organisation cannot be deleted from a device that is new to us."
  }
}

# Our own people, in a customer's organisation.
action "support.impersonate" {
  description = "See an organisation as one of its members"
  http        = ["POST /support/sessions"]
  level       = "passkey"

  resource = object({
    consent_until = optional(timestamp) # how long the customer has agreed to it
  })

  deny "no consent" {
    unless = "has(resource.consent_until) && now < resource.consent_until"
    reason = "The customer has not agreed, or no longer does."
  }

  deny "device that nobody manages" {
    unless = "device.managed"
    reason = "Support works on managed devices."
  }
}
