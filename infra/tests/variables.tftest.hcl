# Values that cannot work are refused before anything is made.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  region        = "eu-central-1"
  image_version = "0.1.0"
}

run "wrong_values" {
  command = plan

  variables {
    name                    = "-x"
    region                  = "frankfurt"
    image_version           = "latest"
    cpu_architecture        = "arm"
    task_cpu                = 300
    settings                = { SPOTIFY_CLIENT_SECRET = "x" }
    log_days                = 100
    schedule                = "rate(30 minutes)"
    vpc_cidr                = "10.0.0.0/28"
    bi_cidrs                = ["0.0.0.0/0"]
    bi_security_group_ids   = ["default"]
    database_version        = "14"
    database_instance_class = "t4g.micro"
    database_storage_gb     = 10
    database_backup_days    = 0
    alert_email             = "nobody"
    monthly_budget_usd      = 0
  }

  expect_failures = [
    var.name,
    var.region,
    var.image_version,
    var.cpu_architecture,
    var.task_cpu,
    var.settings,
    var.log_days,
    var.schedule,
    var.vpc_cidr,
    var.bi_cidrs,
    var.bi_security_group_ids,
    var.database_version,
    var.database_instance_class,
    var.database_storage_gb,
    var.database_backup_days,
    var.alert_email,
    var.monthly_budget_usd,
  ]
}

run "more_wrong_values" {
  command = plan

  variables {
    name                    = "Firstpress"
    image_version           = "sha256:abc"
    task_memory             = 4096
    settings                = { DATABASE_URL = "x" }
    schedule                = "cron(0/20 6 * * ? *)"
    vpc_cidr                = "ten"
    bi_cidrs                = ["10.0.0.0"]
    database_max_storage_gb = 20
  }

  expect_failures = [
    var.name,
    var.image_version,
    var.task_memory,
    var.settings,
    var.schedule,
    var.vpc_cidr,
    var.bi_cidrs,
    var.database_max_storage_gb,
  ]
}

run "every_half_hour" {
  command = plan

  variables {
    schedule = "cron(0,30 * * * ? *)"
  }

  expect_failures = [var.schedule]
}

run "every_minute" {
  command = plan

  variables {
    schedule = "cron(* * * * ? *)"
  }

  expect_failures = [var.schedule]
}

run "less_than_once_a_day" {
  command = plan

  variables {
    schedule = "rate(25 hours)"
  }

  expect_failures = [var.schedule]
}

run "every_hour" {
  command = plan

  variables {
    schedule = "rate(1 hour)"
  }

  assert {
    condition     = aws_scheduler_schedule.run.schedule_expression == var.schedule
    error_message = "This schedule must be accepted."
  }
}

run "every_24_hours" {
  command = plan

  variables {
    schedule = "rate(24 hours)"
  }

  assert {
    condition     = aws_scheduler_schedule.run.schedule_expression == var.schedule
    error_message = "This schedule must be accepted."
  }
}

run "every_two_hours" {
  command = plan

  variables {
    schedule = "cron(15 */2 * * ? *)"
  }

  assert {
    condition     = aws_scheduler_schedule.run.schedule_expression == var.schedule
    error_message = "This schedule must be accepted."
  }
}

run "twice_a_day" {
  command = plan

  variables {
    schedule = "cron(30 4,16 * * ? *)"
  }

  assert {
    condition     = aws_scheduler_schedule.run.schedule_expression == var.schedule
    error_message = "This schedule must be accepted."
  }
}

run "memory_that_fargate_has" {
  command = plan

  variables {
    task_cpu    = 1024
    task_memory = 8192
  }

  assert {
    condition     = aws_ecs_task_definition.job.memory == "8192"
    error_message = "Memory that Fargate has must be accepted."
  }
}
