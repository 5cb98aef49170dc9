# Only for the test that applies all this to moto, AWS on loopback: .ci/infra copies it beside the others.

provider "aws" {
  skip_metadata_api_check = true
  s3_use_path_style       = true
}

# What moto 5.2 forgets, so that a second plan finds it missing.

resource "aws_db_parameter_group" "main" {
  lifecycle {
    ignore_changes = [parameter]
  }
}

resource "aws_db_instance" "main" {
  lifecycle {
    ignore_changes = [performance_insights_enabled, performance_insights_retention_period]
  }
}

resource "aws_vpc_security_group_egress_rule" "task_database" {
  lifecycle {
    ignore_changes = [description]
  }
}

resource "aws_vpc_security_group_ingress_rule" "database_from_task" {
  lifecycle {
    ignore_changes = [description]
  }
}

# It cannot say who is told of a budget, which the provider asks for.
resource "aws_budgets_budget" "monthly" {
  count = 0
}
