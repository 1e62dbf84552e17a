action "pipeline.run" {
  description = "Run a pipeline that deploys nothing"
  http        = ["POST /projects/{project}/pipelines"]
  level       = "signed_in"
}

action "deploy.create" {
  description = "Deploy a build"
  http        = ["POST /projects/{project}/deployments"]
  level       = "signed_in"

  resource = object({
    environment = string
    tier        = int    # 1: if it is down, everybody's telephone rings
    attested    = bool   # the build's provenance is signed, and the signature was verified
    author      = string # who wrote the newest change in it
    approvals   = int    # of others
  })

  # Robots cannot be asked for anything: what a person answers with a second factor, a pipeline answers with the build's provenance.
  step_up "production" {
    when    = "production"
    unless  = "robot"
    level   = "sudo"
    max_age = "15m"
    reason  = "Production: confirm that it is you."
  }

  step_up "tier 1 at night" {
    when    = "production && resource.tier == 1 && param.ask_at_night && !working_hours"
    unless  = "robot"
    level   = "passkey"
    max_age = "15m"
    reason  = "Tier 1 outside of working hours: please use your passkey."
  }

  step_up "own change, seen by nobody else" {
    when    = "production && resource.author == subject.id && resource.approvals == 0"
    level   = "passkey"
    max_age = "5m"
    reason  = "Nobody else has seen this change: please use your passkey."
  }

  step_up "incident" {
    posture = "incident"
    when    = "production"
    level   = "passkey"
    max_age = "5m"
    reason  = "We ask for a passkey at the moment."
  }

  deny "build of unknown origin" {
    when   = "production"
    unless = "resource.attested"
    reason = "This build has no verified provenance."
  }

  deny "change freeze" {
    when   = "production && param.freeze"
    unless = "'release-managers' in subject.groups"
    reason = "There is a change freeze. Ask the release managers."
  }
}

# What was in production before goes back without a prompt: in the middle of an outage, ours is not to be the second one.
action "deploy.rollback" {
  description = "Put back what was there before"
  http        = ["POST /projects/{project}/rollbacks"]
  level       = "signed_in"

  resource = object({
    environment = string
    releases    = int # how many back
  })

  step_up "far back" {
    when    = "production && resource.releases > 3"
    level   = "sudo"
    max_age = "15m"
    reason  = "That is a release of long ago: confirm that it is you."
  }
}

action "secret.read" {
  description = "Look at the value of a secret"
  http        = ["GET /projects/{project}/secrets/{secret}"]
  level       = "signed_in"

  resource = object({
    environment = string
  })

  step_up "a person looks" {
    unless  = "robot"
    level   = "sudo"
    max_age = "15m"
    reason  = "Confirm that it is you."
  }

  step_up "a person looks at production" {
    when    = "production"
    unless  = "robot"
    level   = "passkey"
    max_age = "5m"
    reason  = "Secrets of production are shown after your passkey."
  }
}

action "secret.write" {
  description = "Set a secret"
  http        = ["PUT /projects/{project}/secrets/{secret}"]
  level       = "signed_in"

  step_up "sudo" {
    level   = "sudo"
    max_age = "15m"
    reason  = "Confirm that it is you."
  }
}

# What the gate itself rests on. Nothing but people changes it, and none of them by accident.
action "protection.change" {
  description = "Change branch protection, runners, or this policy"
  http        = ["PUT /projects/{project}/protection", "POST /runners", "PUT /policy"]
  level       = "signed_in"

  step_up "passkey" {
    level   = "passkey"
    max_age = "5m"
    reason  = "Please use your passkey."
  }

  deny "robots" {
    when   = "robot"
    reason = "Protection is changed by people."
  }
}
