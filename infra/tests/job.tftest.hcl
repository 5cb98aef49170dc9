# What runs, and when.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  region        = "eu-central-1"
  image_version = "0.1.0"
}

run "the_task" {
  assert {
    condition     = jsondecode(aws_ecs_task_definition.job.container_definitions)[0].image == "123456789012.dkr.ecr.eu-central-1.amazonaws.com/firstpress:0.1.0"
    error_message = "The image must be the tag in the deployment's own repository."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.job.container_definitions)[0].readonlyRootFilesystem && jsondecode(aws_ecs_task_definition.job.container_definitions)[0].user == "65532:65532" && jsondecode(aws_ecs_task_definition.job.container_definitions)[0].linuxParameters.capabilities.drop == ["ALL"]
    error_message = "The task must run without root, without capabilities, and on a root file system that it cannot write."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.job.container_definitions)[0].stopTimeout >= 30
    error_message = "A run that is stopped must have the time to store what is complete."
  }

  assert {
    condition = { for variable in jsondecode(aws_ecs_task_definition.job.container_definitions)[0].environment : variable.name => variable.value } == {
      AWS_REGION            = "eu-central-1"
      DATABASE_URL          = "postgres://firstpress@firstpress.mock.eu-central-1.rds.amazonaws.com:5432/firstpress?auth=rds-iam&sslmode=verify-full&sslrootcert=/etc/ssl/certs/rds-global-bundle.pem"
      LOG_FORMAT            = "json"
      METRICS_NAMESPACE     = "firstpress"
      SPOTIFY_CLIENT_ID     = "secretsmanager://firstpress/spotify#client_id"
      SPOTIFY_CLIENT_SECRET = "secretsmanager://firstpress/spotify#client_secret"
    }
    error_message = "The settings must be these, and no secret among them."
  }

  assert {
    condition     = lookup(jsondecode(aws_ecs_task_definition.job.container_definitions)[0], "secrets", null) == null
    error_message = "The program reads its secrets itself, so that a new value needs no new task definition."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.job.container_definitions)[0].logConfiguration.options.mode == "blocking" && jsondecode(aws_ecs_task_definition.job.container_definitions)[0].logConfiguration.options["awslogs-group"] == aws_cloudwatch_log_group.job.name
    error_message = "No log line may be lost: the metrics are among them."
  }

  assert {
    condition     = aws_cloudwatch_log_group.job.retention_in_days > 0 && aws_cloudwatch_log_group.database.retention_in_days > 0
    error_message = "Logs must not be kept for ever."
  }

  assert {
    condition     = aws_ecr_repository.main.image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.main.image_scanning_configuration[0].scan_on_push
    error_message = "Tags must not be moved, and images must be scanned."
  }
}

run "with_everything" {
  variables {
    image_version = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    archive       = true
    alert_webhook = true
    settings      = { SPOTIFY_MARKET = "DE" }
  }

  assert {
    condition     = endswith(jsondecode(aws_ecs_task_definition.job.container_definitions)[0].image, "/firstpress@${var.image_version}")
    error_message = "A digest follows an @."
  }

  assert {
    condition = {
      for variable in jsondecode(aws_ecs_task_definition.job.container_definitions)[0].environment : variable.name => variable.value
      if contains(["ARCHIVE_URL", "ALERT_WEBHOOK_URL", "SPOTIFY_MARKET"], variable.name)
      } == {
      ARCHIVE_URL       = "s3://firstpress-archive-123456789012-eu-central-1/firstpress"
      ALERT_WEBHOOK_URL = "secretsmanager://firstpress/alert-webhook#url"
      SPOTIFY_MARKET    = "DE"
    }
    error_message = "The archive, the webhook and further settings must reach the program."
  }
}

run "the_schedule" {
  assert {
    condition     = aws_scheduler_schedule.run.state == "ENABLED" && aws_scheduler_schedule.run.schedule_expression == "cron(0 6 * * ? *)"
    error_message = "It runs every day at six."
  }

  assert {
    condition     = aws_scheduler_schedule.run.target[0].dead_letter_config[0].arn == aws_sqs_queue.not_started.arn && aws_scheduler_schedule.run.target[0].retry_policy[0].maximum_retry_attempts > 0
    error_message = "A start must be tried again, and what was given up must be kept."
  }

  assert {
    condition     = aws_scheduler_schedule.run.target[0].retry_policy[0].maximum_event_age_in_seconds < 3600
    error_message = "Retries must end before the next run may be due."
  }

  assert {
    condition     = aws_scheduler_schedule.run.target[0].ecs_parameters[0].task_count == 1 && aws_scheduler_schedule.run.target[0].role_arn == aws_iam_role.scheduler.arn
    error_message = "One task at a time, started by the scheduler's role."
  }
}

run "held" {
  variables {
    schedule_enabled = false
  }

  assert {
    condition     = aws_scheduler_schedule.run.state == "DISABLED"
    error_message = "schedule_enabled = false holds the schedule."
  }
}
