# Postgres on RDS: private, encrypted, backed up, TLS only. The task logs in as an IAM user, without a password.

resource "aws_db_subnet_group" "main" {
  name       = var.name
  subnet_ids = aws_subnet.private[*].id
}

resource "aws_db_parameter_group" "main" {
  name_prefix = "${var.name}-"
  family      = "postgres${split(".", var.database_version)[0]}"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  # Statements that change the schema, and whatever takes long.
  parameter {
    name  = "log_statement"
    value = "ddl"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "10000"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "main" {
  #checkov:skip=CKV_AWS_118:Enhanced monitoring is paid for by the log line; Performance Insights shows what a daily job needs
  #checkov:skip=CKV_AWS_157:A standby doubles the price; var.database_multi_az turns it on
  #checkov:skip=CKV_AWS_354:Encrypted under AWS's own key; a key of one's own costs 1 USD a month
  identifier     = var.name
  engine         = "postgres"
  engine_version = var.database_version
  instance_class = var.database_instance_class
  db_name        = "firstpress"

  username                            = "firstpress_admin"
  manage_master_user_password         = true
  iam_database_authentication_enabled = true

  storage_type          = "gp3"
  allocated_storage     = var.database_storage_gb
  max_allocated_storage = var.database_max_storage_gb
  storage_encrypted     = true

  db_subnet_group_name   = aws_db_subnet_group.main.name
  vpc_security_group_ids = [aws_security_group.database.id]
  publicly_accessible    = false
  multi_az               = var.database_multi_az
  parameter_group_name   = aws_db_parameter_group.main.name

  backup_retention_period    = var.database_backup_days
  backup_window              = "02:00-03:00"
  maintenance_window         = "sun:03:30-sun:04:30"
  copy_tags_to_snapshot      = true
  auto_minor_version_upgrade = true

  # Whoever applies a change has chosen the time; a run that fails meanwhile is made up for.
  allow_major_version_upgrade = true
  apply_immediately           = true

  deletion_protection       = var.protect_data
  skip_final_snapshot       = !var.protect_data
  final_snapshot_identifier = "${var.name}-final"

  performance_insights_enabled          = true
  performance_insights_retention_period = 7
  enabled_cloudwatch_logs_exports       = ["postgresql"]

  depends_on = [aws_cloudwatch_log_group.database]
}

# RDS would make it itself, and keep it for ever.
resource "aws_cloudwatch_log_group" "database" {
  #checkov:skip=CKV_AWS_158:Encrypted under AWS's own key; a key of one's own costs 1 USD a month
  name              = "/aws/rds/instance/${var.name}/postgresql"
  retention_in_days = var.log_days
}

# The roles that the job and the BI tool log in as are made by SQL, which reaches the private database only from
# inside: database.sql, by a task that somebody starts once. It alone may read the master user's password.
resource "aws_ecs_task_definition" "setup" {
  #checkov:skip=CKV_AWS_336:It keeps the certificates of RDS, which it fetches, in a file for a few seconds
  family                   = "${var.name}-database-setup"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.setup_execution.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "ARM64"
  }

  container_definitions = jsonencode([
    {
      name       = "setup"
      image      = var.setup_image
      essential  = true
      user       = "postgres"
      entryPoint = ["sh", "-euc"]
      command    = [file("${path.module}/database.sh")]
      environment = [
        { name = "DATABASE_SQL", value = file("${path.module}/database.sql") },
        { name = "PGDATABASE", value = aws_db_instance.main.db_name },
        { name = "PGHOST", value = aws_db_instance.main.address },
        { name = "PGUSER", value = aws_db_instance.main.username },
      ]
      secrets = [
        { name = "BI_PASSWORD", valueFrom = "${aws_secretsmanager_secret.bi.arn}:password::" },
        { name = "PGPASSWORD", valueFrom = "${local.master_secret_arn}:password::" },
      ]
      logConfiguration = local.task_log
    },
  ])
}

locals {
  master_secret_arn = one(aws_db_instance.main.master_user_secret[*].secret_arn)
}

resource "aws_iam_role" "setup_execution" {
  name               = "${var.name}-setup-execution"
  description        = "Starts the task that prepares the database: its two passwords and its log"
  assume_role_policy = local.assumed_by_ecs_tasks
}

resource "aws_iam_role_policy" "setup_execution" {
  name = "start"
  role = aws_iam_role.setup_execution.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Passwords"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = [local.master_secret_arn, aws_secretsmanager_secret.bi.arn]
      },
      local.may_write_task_log,
    ]
  })
}
