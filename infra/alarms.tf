# Who is told, and of what. docs/runbook.md says what to do about each.

resource "aws_sns_topic" "alerts" {
  #checkov:skip=CKV_AWS_26:CloudWatch cannot publish to a topic under AWS's own key; one's own costs 1 USD a month, and alarms hold no data
  name = "${var.name}-alerts"
}

resource "aws_sns_topic_subscription" "email" {
  count = var.alert_email == null ? 0 : 1

  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = var.alert_email
}

resource "aws_sns_topic_policy" "alerts" {
  arn = aws_sns_topic.alerts.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AlarmsRulesAndBudgetsOfThisAccount"
        Effect    = "Allow"
        Principal = { Service = ["cloudwatch.amazonaws.com", "events.amazonaws.com", "budgets.amazonaws.com"] }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.alerts.arn
        Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
      },
    ]
  })
}

locals {
  alarm_topic = [aws_sns_topic.alerts.arn]
}

# Every run writes 0 or 1, so the alarm stands until a later run has not failed.
resource "aws_cloudwatch_metric_alarm" "run_failed" {
  alarm_name          = "${var.name}-run-failed"
  alarm_description   = "A run ended with exit code 1, 2 or 3. See run_failed in docs/runbook.md"
  namespace           = var.name
  metric_name         = "RunFailed"
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "ignore"
  alarm_actions       = local.alarm_topic
  ok_actions          = local.alarm_topic
}

# Hours without a value count as 0 by FILL: with a plain metric CloudWatch looks back further than it was asked for
# as long as it finds values there.
resource "aws_cloudwatch_metric_alarm" "no_success" {
  alarm_name          = "${var.name}-no-success-for-26-hours"
  alarm_description   = "No run has succeeded in the last 26 hours. See no_success in docs/runbook.md"
  evaluation_periods  = 26
  datapoints_to_alarm = 26
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = local.alarm_topic
  ok_actions          = local.alarm_topic

  metric_query {
    id          = "succeeded"
    label       = "Runs that succeeded in the hour"
    expression  = "FILL(runs, 0)"
    return_data = true
  }

  metric_query {
    id = "runs"

    metric {
      namespace   = var.name
      metric_name = "RunSucceeded"
      stat        = "Sum"
      period      = 3600
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "checks_failed" {
  alarm_name          = "${var.name}-checks-failed"
  alarm_description   = "A data check failed, and nothing was published. See checks_failed in docs/runbook.md"
  namespace           = var.name
  metric_name         = "ChecksFailed"
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "ignore"
  alarm_actions       = local.alarm_topic
  ok_actions          = local.alarm_topic
}

resource "aws_cloudwatch_metric_alarm" "postponed_in_a_row" {
  alarm_name          = "${var.name}-postponed-three-times"
  alarm_description   = "Three runs in a row ended with exit code 75. See postponed_in_a_row in docs/runbook.md"
  namespace           = var.name
  metric_name         = "PostponedInARow"
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 3
  treat_missing_data  = "ignore"
  alarm_actions       = local.alarm_topic
  ok_actions          = local.alarm_topic
}

resource "aws_cloudwatch_metric_alarm" "not_started" {
  alarm_name          = "${var.name}-not-started"
  alarm_description   = "EventBridge Scheduler gave up on starting a task. See not_started in docs/runbook.md"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.not_started.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_topic
  ok_actions          = local.alarm_topic
}

resource "aws_cloudwatch_metric_alarm" "database_storage" {
  alarm_name          = "${var.name}-database-storage"
  alarm_description   = "Less than 2 GiB of the database's storage are free. See database_storage in docs/runbook.md"
  namespace           = "AWS/RDS"
  metric_name         = "FreeStorageSpace"
  dimensions          = { DBInstanceIdentifier = aws_db_instance.main.identifier }
  statistic           = "Minimum"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "LessThanThreshold"
  threshold           = 2 * 1024 * 1024 * 1024
  treat_missing_data  = "missing"
  alarm_actions       = local.alarm_topic
  ok_actions          = local.alarm_topic
}

# A run that dies, out of memory or by wrong settings, writes no metric, and neither does a task whose image cannot be
# pulled. ECS knows.
resource "aws_cloudwatch_event_rule" "task_died" {
  name        = "${var.name}-task-died"
  description = "A scheduled task ended with an exit code other than 0 and 75, or never started"

  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Task State Change"]
    detail = {
      clusterArn = [aws_ecs_cluster.main.arn]
      group      = [local.scheduled_group]
      lastStatus = ["STOPPED"]
      "$or" = [
        { containers = { exitCode = [{ anything-but = [0, 75] }] } },
        { stopCode = ["TaskFailedToStart"] },
      ]
    }
  })
}

resource "aws_cloudwatch_event_target" "task_died" {
  rule = aws_cloudwatch_event_rule.task_died.name
  arn  = aws_sns_topic.alerts.arn

  input_transformer {
    input_paths = {
      code   = "$.detail.containers[0].exitCode"
      reason = "$.detail.stoppedReason"
      task   = "$.detail.taskArn"
    }
    input_template = "\"A scheduled task of ${var.name} ended with exit code <code> (none: it never started): <reason>. Task: <task>. See task_died in docs/runbook.md\""
  }
}

# Once per month it tells of 80 % spent, and of a forecast above all of it.
resource "aws_budgets_budget" "monthly" {
  name         = "${var.name}-monthly"
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"

  dynamic "cost_filter" {
    for_each = var.budget_by_tag ? [1] : []

    content {
      name   = "TagKeyValue"
      values = [format("user:Deployment$%s", var.name)]
    }
  }

  notification {
    notification_type         = "ACTUAL"
    comparison_operator       = "GREATER_THAN"
    threshold                 = 80
    threshold_type            = "PERCENTAGE"
    subscriber_sns_topic_arns = local.alarm_topic
  }

  notification {
    notification_type         = "FORECASTED"
    comparison_operator       = "GREATER_THAN"
    threshold                 = 100
    threshold_type            = "PERCENTAGE"
    subscriber_sns_topic_arns = local.alarm_topic
  }

  depends_on = [aws_sns_topic_policy.alerts]
}
