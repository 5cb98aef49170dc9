# The job: one Fargate task, with an execution role that starts it and a task role that it works with.

resource "aws_ecs_cluster" "main" {
  #checkov:skip=CKV_AWS_65:Container Insights would cost more than the job; the program writes its own metrics
  name = var.name
}

resource "aws_cloudwatch_log_group" "job" {
  #checkov:skip=CKV_AWS_158:Encrypted under AWS's own key; a key of one's own costs 1 USD a month
  name              = "/${var.name}/job"
  retention_in_days = var.log_days
}

locals {
  image = "${aws_ecr_repository.main.repository_url}${startswith(var.image_version, "sha256:") ? "@" : ":"}${var.image_version}"

  # A reference secretsmanager://NAME#KEY is read by the program itself, when it starts.
  environment = merge(var.settings, {
    AWS_REGION = var.region
    DATABASE_URL = join("", [
      "postgres://firstpress@${aws_db_instance.main.address}:${aws_db_instance.main.port}/${aws_db_instance.main.db_name}",
      "?auth=rds-iam&sslmode=verify-full&sslrootcert=/etc/ssl/certs/rds-global-bundle.pem",
    ])
    LOG_FORMAT            = "json"
    METRICS_NAMESPACE     = var.name
    SPOTIFY_CLIENT_ID     = "secretsmanager://${aws_secretsmanager_secret.spotify.name}#client_id"
    SPOTIFY_CLIENT_SECRET = "secretsmanager://${aws_secretsmanager_secret.spotify.name}#client_secret"
    }, var.archive ? {
    ARCHIVE_URL = "s3://${aws_s3_bucket.archive[0].bucket}/${local.archive_prefix}"
    } : {}, var.alert_webhook ? {
    ALERT_WEBHOOK_URL = "secretsmanager://${aws_secretsmanager_secret.alert_webhook[0].name}#url"
  } : {})

  # It blocks rather than lose lines: the metrics, on which the alarms rest, are the last of them.
  task_log = {
    logDriver = "awslogs"
    options = {
      awslogs-group         = aws_cloudwatch_log_group.job.name
      awslogs-region        = var.region
      awslogs-stream-prefix = "task"
      mode                  = "blocking"
    }
  }

  may_write_task_log = {
    Sid      = "Log"
    Effect   = "Allow"
    Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    Resource = "${aws_cloudwatch_log_group.job.arn}:log-stream:task/*"
  }
}

resource "aws_ecs_task_definition" "job" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.task_cpu
  memory                   = var.task_memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.cpu_architecture
  }

  container_definitions = jsonencode([
    {
      name                   = "firstpress"
      image                  = local.image
      essential              = true
      command                = ["run"]
      user                   = "65532:65532"
      readonlyRootFilesystem = true
      # on SIGTERM it stores what is complete, within 10 seconds
      stopTimeout      = 30
      linuxParameters  = { capabilities = { drop = ["ALL"] } }
      environment      = [for name, value in local.environment : { name = name, value = value }]
      logConfiguration = local.task_log
    },
  ])
}

locals {
  assumed_by_ecs_tasks = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "ecs-tasks.amazonaws.com" }
        Condition = {
          StringEquals = { "aws:SourceAccount" = local.account_id }
          ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:ecs:${var.region}:${local.account_id}:*" }
        }
      },
    ]
  })
}

resource "aws_iam_role" "execution" {
  name               = "${var.name}-execution"
  description        = "Starts the firstpress task: pulls its image and writes its log"
  assume_role_policy = local.assumed_by_ecs_tasks
}

resource "aws_iam_role_policy" "execution" {
  name = "start"
  role = aws_iam_role.execution.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "RegistryLogin"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Sid      = "Image"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = aws_ecr_repository.main.arn
      },
      local.may_write_task_log,
    ]
  })
}

resource "aws_iam_role" "task" {
  name               = "${var.name}-task"
  description        = "What firstpress may do while it runs: log in to the database, read its secrets, and write its archive if there is one"
  assume_role_policy = local.assumed_by_ecs_tasks
}

resource "aws_iam_role_policy" "task" {
  name = "run"
  role = aws_iam_role.task.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Database"
        Effect   = "Allow"
        Action   = "rds-db:connect"
        Resource = "arn:${local.partition}:rds-db:${var.region}:${local.account_id}:dbuser:${aws_db_instance.main.resource_id}/firstpress"
      },
      {
        Sid      = "Secrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = concat([aws_secretsmanager_secret.spotify.arn], aws_secretsmanager_secret.alert_webhook[*].arn)
      },
    ]
  })
}
