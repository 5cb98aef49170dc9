# Copy to terraform.tfvars and change what must be yours. variables.tf has all there is, each with its default.

region        = "eu-central-1"
image_version = "0.1.0"
alert_email   = "data-team@example.com"

# Until the image and the secrets are there; see "First deployment" in README.md.
schedule_enabled = false

# The default is every day at six.
schedule          = "cron(0 6 * * ? *)"
schedule_timezone = "Europe/Berlin"

# More of the program's settings, as README.md beside the code lists them.
settings = {
  SPOTIFY_MARKET = "DE"
}

# Where BI tools come from, by VPN or VPC peering.
# bi_cidrs = ["10.8.0.0/24"]

# Parquet files of what was loaded, in a bucket of their own.
# archive = true

monthly_budget_usd = 30
