# Where secrets lie. Terraform makes the places, and somebody puts the values in, as README.md says: so no secret comes
# into the code or the state.

# {"client_id": "...", "client_secret": "..."}. The program reads it at the start of each run, with the task's role:
# a new value needs no new task definition.
resource "aws_secretsmanager_secret" "spotify" {
  #checkov:skip=CKV_AWS_149:Encrypted under AWS's own key; a key of one's own costs 1 USD a month
  #checkov:skip=CKV2_AWS_57:Spotify has no API that makes a new client secret
  name                    = "${var.name}/spotify"
  description             = "Client id and client secret of the Spotify app"
  recovery_window_in_days = local.recovery_days
}

# {"url": "..."}
resource "aws_secretsmanager_secret" "alert_webhook" {
  #checkov:skip=CKV_AWS_149:Encrypted under AWS's own key; a key of one's own costs 1 USD a month
  #checkov:skip=CKV2_AWS_57:An address that somebody else gives out cannot be rotated from here
  count = var.alert_webhook ? 1 : 0

  name                    = "${var.name}/alert-webhook"
  description             = "Address that the program tells when a run does not succeed"
  recovery_window_in_days = local.recovery_days
}

# {"username": "firstpress_bi", "password": "..."}
resource "aws_secretsmanager_secret" "bi" {
  #checkov:skip=CKV_AWS_149:Encrypted under AWS's own key; a key of one's own costs 1 USD a month
  #checkov:skip=CKV2_AWS_57:A rotation would cut the BI tool off until it is told; README.md says how to do both
  name                    = "${var.name}/bi"
  description             = "The BI tool's login to the database, which may only read"
  recovery_window_in_days = local.recovery_days
}

locals {
  recovery_days = var.protect_data ? 7 : 0
}
