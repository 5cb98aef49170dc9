# Somebody is told.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  region        = "eu-central-1"
  image_version = "0.1.0"
  alert_email   = "data-team@example.com"
}

run "alarms" {
  assert {
    condition = alltrue([
      for alarm in [
        aws_cloudwatch_metric_alarm.run_failed,
        aws_cloudwatch_metric_alarm.no_success,
        aws_cloudwatch_metric_alarm.checks_failed,
        aws_cloudwatch_metric_alarm.postponed_in_a_row,
        aws_cloudwatch_metric_alarm.not_started,
        aws_cloudwatch_metric_alarm.database_storage,
      ] :
      contains(alarm.alarm_actions, aws_sns_topic.alerts.arn) && contains(alarm.ok_actions, aws_sns_topic.alerts.arn) && strcontains(alarm.alarm_description, "docs/runbook.md")
    ])
    error_message = "Every alarm must tell the topic, also when it is over, and name the runbook."
  }

  assert {
    condition     = aws_cloudwatch_event_target.task_died.arn == aws_sns_topic.alerts.arn && aws_cloudwatch_event_target.task_died.rule == aws_cloudwatch_event_rule.task_died.name
    error_message = "A task that died must be told to the topic."
  }

  assert {
    condition     = aws_sns_topic_subscription.email[0].topic_arn == aws_sns_topic.alerts.arn && aws_sns_topic_subscription.email[0].endpoint == "data-team@example.com"
    error_message = "The topic must tell the address."
  }

  assert {
    condition     = toset(flatten(jsondecode(aws_sns_topic_policy.alerts.policy).Statement[*].Principal.Service)) == toset(["cloudwatch.amazonaws.com", "events.amazonaws.com", "budgets.amazonaws.com"])
    error_message = "Alarms, rules and budgets must be allowed to publish."
  }

  assert {
    condition     = alltrue([for notification in aws_budgets_budget.monthly.notification : contains(notification.subscriber_sns_topic_arns, aws_sns_topic.alerts.arn)]) && length(aws_budgets_budget.monthly.notification) == 2
    error_message = "The budget must tell the topic of what is spent and of what is forecast."
  }
}

run "no_success_for_26_hours" {
  assert {
    condition     = aws_cloudwatch_metric_alarm.no_success.evaluation_periods * one([for query in aws_cloudwatch_metric_alarm.no_success.metric_query : query.metric[0].period if query.id == "runs"]) == 26 * 3600 && aws_cloudwatch_metric_alarm.no_success.datapoints_to_alarm == 26
    error_message = "It must look at 26 hours, all of them."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.no_success.treat_missing_data == "breaching" && one([for query in aws_cloudwatch_metric_alarm.no_success.metric_query : query.expression if query.id == "succeeded"]) == "FILL(runs, 0)"
    error_message = "No run at all is no success."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.no_success.comparison_operator == "LessThanThreshold" && aws_cloudwatch_metric_alarm.no_success.threshold == 1
    error_message = "One success must be enough."
  }
}

run "metrics_of_the_job" {
  variables {
    name = "staging"
  }

  assert {
    condition = {
      for alarm in [aws_cloudwatch_metric_alarm.run_failed, aws_cloudwatch_metric_alarm.checks_failed, aws_cloudwatch_metric_alarm.postponed_in_a_row] :
      "${alarm.namespace}/${alarm.metric_name}" => alarm.threshold
    } == { "staging/RunFailed" = 1, "staging/ChecksFailed" = 1, "staging/PostponedInARow" = 3 }
    error_message = "The alarms must watch what the program writes into this deployment's namespace."
  }

  assert {
    condition     = one([for variable in jsondecode(aws_ecs_task_definition.job.container_definitions)[0].environment : variable.value if variable.name == "METRICS_NAMESPACE"]) == "staging"
    error_message = "The program must write into the namespace that the alarms watch."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.not_started.dimensions == tomap({ QueueName = "staging-not-started" }) && aws_cloudwatch_metric_alarm.database_storage.dimensions == tomap({ DBInstanceIdentifier = "staging" })
    error_message = "The alarms must watch this deployment's queue and database."
  }

  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.main.dashboard_body, "SEARCH('{staging,Stage} MetricName=\\\"StageSeconds\\\"'")
    error_message = "The dashboard must show whatever stages there are."
  }

  assert {
    condition = toset(flatten([
      for widget in jsondecode(aws_cloudwatch_dashboard.main.dashboard_body).widgets :
      [for metric in try(widget.properties.metrics, []) : metric[1] if metric[0] == "staging"]
      ])) == toset([
      "RunSucceeded", "RunFailed", "RunPostponed", "PostponedInARow", "ChecksFailed", "NewAlbums", "RowsLoaded",
      "Calls", "RateLimited", "AlbumsWaiting", "WaitSeconds", "RunSeconds", "FreshnessSeconds",
    ])
    error_message = "The dashboard must show every metric that the program writes."
  }
}

run "a_task_that_died" {
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.task_died.event_pattern).detail["$or"][0].containers.exitCode[0]["anything-but"] == [0, 75] && jsondecode(aws_cloudwatch_event_rule.task_died.event_pattern).detail["$or"][1].stopCode == ["TaskFailedToStart"]
    error_message = "Exit codes 0 and 75 are no deaths; every other is, and so is a task that never started."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.task_died.event_pattern).detail.group == [aws_scheduler_schedule.run.target[0].ecs_parameters[0].group] && jsondecode(aws_cloudwatch_event_rule.task_died.event_pattern).detail.clusterArn == [aws_ecs_cluster.main.arn]
    error_message = "It must be about the tasks of the schedule."
  }
}

run "without_an_address" {
  variables {
    alert_email = null
  }

  assert {
    condition     = length(aws_sns_topic_subscription.email) == 0
    error_message = "Without an address there is only the topic."
  }
}

run "the_budget_of_the_deployment" {
  variables {
    budget_by_tag = true
  }

  assert {
    condition     = one(aws_budgets_budget.monthly.cost_filter).values == tolist(["user:Deployment$firstpress"])
    error_message = "The budget must count what carries the tag."
  }
}
