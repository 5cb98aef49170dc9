# EventBridge Scheduler starts the task. It tries again when a task could not be started, and puts what it gave up on
# into the dead-letter queue. How a task that did start ended is not its concern: the next run makes up for that one.
#
# Runs do not overlap: the schedule has them at least an hour apart, and a run that finds another at work, by its lock
# in the database, ends with code 75 without a call to Spotify.

resource "aws_scheduler_schedule_group" "main" {
  name = var.name
}

resource "aws_scheduler_schedule" "run" {
  #checkov:skip=CKV_AWS_297:The schedule holds no secret; a key of one's own costs 1 USD a month
  name       = "${var.name}-run"
  group_name = aws_scheduler_schedule_group.main.name
  state      = var.schedule_enabled ? "ENABLED" : "DISABLED"

  schedule_expression          = var.schedule
  schedule_expression_timezone = var.schedule_timezone

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_ecs_cluster.main.arn
    role_arn = aws_iam_role.scheduler.arn

    ecs_parameters {
      task_definition_arn = aws_ecs_task_definition.job.arn
      launch_type         = "FARGATE"
      task_count          = 1
      group               = local.scheduled_group
      propagate_tags      = "TASK_DEFINITION"

      network_configuration {
        subnets          = local.task_subnets
        security_groups  = [aws_security_group.task.id]
        assign_public_ip = !var.nat_gateway
      }
    }

    # Within the hour: by then the next run may be due.
    retry_policy {
      maximum_retry_attempts       = 5
      maximum_event_age_in_seconds = 3000
    }

    dead_letter_config {
      arn = aws_sqs_queue.not_started.arn
    }
  }
}

locals {
  # Tells runs of the schedule from tasks that somebody starts by hand.
  scheduled_group = "${var.name}-schedule"
}

resource "aws_sqs_queue" "not_started" {
  name                      = "${var.name}-not-started"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_iam_role" "scheduler" {
  name        = "${var.name}-scheduler"
  description = "Starts the firstpress task on schedule"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "scheduler.amazonaws.com" }
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = local.account_id
            "aws:SourceArn"     = aws_scheduler_schedule_group.main.arn
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "scheduler" {
  name = "start"
  role = aws_iam_role.scheduler.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "RunTask"
        Effect    = "Allow"
        Action    = "ecs:RunTask"
        Resource  = "arn:${local.partition}:ecs:${var.region}:${local.account_id}:task-definition/${var.name}:*"
        Condition = { ArnEquals = { "ecs:cluster" = aws_ecs_cluster.main.arn } }
      },
      {
        Sid       = "TagTask"
        Effect    = "Allow"
        Action    = "ecs:TagResource"
        Resource  = "arn:${local.partition}:ecs:${var.region}:${local.account_id}:task/${aws_ecs_cluster.main.name}/*"
        Condition = { StringEquals = { "ecs:CreateAction" = "RunTask" } }
      },
      {
        Sid       = "PassRoles"
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = [aws_iam_role.execution.arn, aws_iam_role.task.arn]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
      {
        Sid      = "DeadLetters"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.not_started.arn
      },
    ]
  })
}
