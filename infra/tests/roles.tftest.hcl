# Each role may do what it is for, and nothing else.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  region        = "eu-central-1"
  image_version = "0.1.0"
  archive       = true
  alert_webhook = true
}

run "roles" {
  # Nothing is allowed by a wildcard, but logging in to the registry, which has no resource.
  assert {
    condition = alltrue([
      for statement in flatten([
        for policy in [aws_iam_role_policy.execution, aws_iam_role_policy.task, aws_iam_role_policy.archive[0], aws_iam_role_policy.scheduler, aws_iam_role_policy.setup_execution] :
        jsondecode(policy.policy).Statement
      ]) :
      alltrue([for action in flatten([statement.Action]) : !strcontains(action, "*")])
      && (!contains(flatten([statement.Resource]), "*") || statement.Action == "ecr:GetAuthorizationToken")
    ])
    error_message = "No role may have a wildcard for an action, or for all resources."
  }

  assert {
    condition     = toset(flatten([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement.Action])) == toset(["rds-db:connect", "secretsmanager:GetSecretValue"])
    error_message = "The task logs in to the database and reads its secrets, and no more."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement.Resource if statement.Sid == "Database"]) == "arn:aws:rds-db:eu-central-1:123456789012:dbuser:db-MOCK/firstpress"
    error_message = "The task logs in to this database, as firstpress."
  }

  assert {
    condition     = toset(one([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement.Resource if statement.Sid == "Secrets"])) == toset([aws_secretsmanager_secret.spotify.arn, aws_secretsmanager_secret.alert_webhook[0].arn])
    error_message = "The task reads its own secrets: not the BI tool's, not the master user's."
  }

  assert {
    condition     = aws_iam_role_policy.archive[0].role == aws_iam_role.task.id && one([for statement in jsondecode(aws_iam_role_policy.archive[0].policy).Statement : statement.Resource if statement.Sid == "Objects"]) == "${aws_s3_bucket.archive[0].arn}/firstpress/*"
    error_message = "The task writes the archive below its prefix only."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.archive[0].policy).Statement : statement.Condition.StringLike["s3:prefix"] if statement.Sid == "List"]) == ["firstpress", "firstpress/*"]
    error_message = "The task lists the archive below its prefix only."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.execution.policy, "secretsmanager") && !strcontains(aws_iam_role_policy.execution.policy, "rds-db")
    error_message = "The execution role pulls the image and writes the log: secrets are the task's."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.scheduler.policy).Statement : statement.Condition.ArnEquals["ecs:cluster"] if statement.Sid == "RunTask"]) == aws_ecs_cluster.main.arn && one([for statement in jsondecode(aws_iam_role_policy.scheduler.policy).Statement : statement.Resource if statement.Sid == "RunTask"]) == "arn:aws:ecs:eu-central-1:123456789012:task-definition/firstpress:*"
    error_message = "The scheduler starts this task, in this cluster."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.scheduler.policy).Statement : statement.Resource if statement.Sid == "PassRoles"]) == ["arn:aws:iam::123456789012:role/firstpress-execution", "arn:aws:iam::123456789012:role/firstpress-task"]
    error_message = "The scheduler hands on the task's two roles, and no other."
  }

  assert {
    condition     = toset(one([for statement in jsondecode(aws_iam_role_policy.setup_execution.policy).Statement : statement.Resource if statement.Sid == "Passwords"])) == toset([aws_db_instance.main.master_user_secret[0].secret_arn, aws_secretsmanager_secret.bi.arn])
    error_message = "Only the setup task reads the master user's password and the BI tool's."
  }

  assert {
    condition = alltrue([
      for trust in [aws_iam_role.execution, aws_iam_role.task, aws_iam_role.setup_execution] :
      jsondecode(trust.assume_role_policy).Statement[0].Principal == { Service = "ecs-tasks.amazonaws.com" }
      && jsondecode(trust.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    ])
    error_message = "Only ECS, and for this account, may take on the tasks' roles."
  }

  assert {
    condition     = jsondecode(aws_iam_role.scheduler.assume_role_policy).Statement[0].Principal == { Service = "scheduler.amazonaws.com" } && jsondecode(aws_iam_role.scheduler.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceArn"] == aws_scheduler_schedule_group.main.arn
    error_message = "Only EventBridge Scheduler, and for this group, may take on the scheduler's role."
  }

  assert {
    condition     = jsondecode(aws_sns_topic_policy.alerts.policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "Only alarms, rules and budgets of this account may publish to the topic."
  }
}
