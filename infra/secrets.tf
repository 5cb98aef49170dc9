# What nobody may read but who needs it. No value comes from Terraform's code, and none goes into its state.

# Put in by hand, once, as {"client_id": "...", "client_secret": "..."}. The program reads it at the start of each run,
# with the task's role: a new value needs no new task definition.
resource "aws_secretsmanager_secret" "spotify" {
  #checkov:skip=CKV_AWS_149:Encrypted under AWS's own key; a key of one's own costs 1 USD a month
  #checkov:skip=CKV2_AWS_57:Spotify has no API that makes a new client secret
  name                    = "${var.name}/spotify"
  description             = "Client id and client secret of the Spotify app"
  recovery_window_in_days = local.recovery_days
}

# Put in by hand, once, as {"url": "..."}.
resource "aws_secretsmanager_secret" "alert_webhook" {
  #checkov:skip=CKV_AWS_149:Encrypted under AWS's own key; a key of one's own costs 1 USD a month
  #checkov:skip=CKV2_AWS_57:An address that somebody else gives out cannot be rotated from here
  count = var.alert_webhook ? 1 : 0

  name                    = "${var.name}/alert-webhook"
  description             = "Address that the program tells when a run does not succeed"
  recovery_window_in_days = local.recovery_days
}

resource "aws_secretsmanager_secret" "bi" {
  #checkov:skip=CKV_AWS_149:Encrypted under AWS's own key; a key of one's own costs 1 USD a month
  #checkov:skip=CKV2_AWS_57:A rotation would cut the BI tool off; infra/README.md says how it is done together
  name                    = "${var.name}/bi"
  description             = "The BI tool's login to the database, which may only read"
  recovery_window_in_days = local.recovery_days
}

ephemeral "aws_secretsmanager_random_password" "bi" {
  password_length     = 32
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret_version" "bi" {
  secret_id = aws_secretsmanager_secret.bi.id
  secret_string_wo = jsonencode({
    username = "firstpress_bi"
    password = ephemeral.aws_secretsmanager_random_password.bi.random_password
    host     = aws_db_instance.main.address
    port     = aws_db_instance.main.port
    dbname   = aws_db_instance.main.db_name
  })
  secret_string_wo_version = 1
}

locals {
  recovery_days = var.protect_data ? 7 : 0
}
