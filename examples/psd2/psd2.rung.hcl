# Strong customer authentication under PSD2, with the exemptions of its technical standards: Delegated Regulation (EU) 2018/389,
# "RTS" below, as amended by (EU) 2022/2360. Articles are named where a figure comes from.
#
# This file has what everything else refers to; signals.rung.hcl says what the rules may look at, accounts.rung.hcl and
# payments.rung.hcl hold the rules.

policy "psd2" {
  language    = 1
  version     = "2026.11.1"
  description = "Strong customer authentication and its exemptions"
}

# One factor: enough for whatever an exemption covers.
level "sign_in" {
  rank = 1
  acr  = ["urn:bank:acr:sign-in"]
  amr  = [["pwd"], ["swk"], ["hwk"]]
}

# Two factors of different kinds (PSD2 Art. 4(30)): something known, had, or been. `mfa` is the identity provider's word that there were two.
level "sca" {
  rank = 2
  acr  = ["urn:bank:acr:sca"]
  amr  = [["pwd", "otp"], ["swk", "mfa"], ["hwk", "mfa"]]
}

# Two factors, and the customer was shown the amount and the payee that they confirm: dynamic linking, RTS Art. 5. No list of methods
# proves it, only the identity provider's word in a token that names the payment (authorization_details, RFC 9396). What it names is
# handed in as the signal `approval`.
level "sca_linked" {
  rank = 3
  acr  = ["urn:bank:acr:sca-linked"]
}

# While fraud is running. Exemptions are permissions and not duties (one apart, see accounts.rung.hcl), so they may be taken back.
posture "fraud_wave" {
  rank   = 1
  params = { own_access_window = "720h" }
}
