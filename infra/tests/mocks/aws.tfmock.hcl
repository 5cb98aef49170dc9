# Stands for AWS: names and ARNs in the form that the provider accepts, told apart where a test tells them apart.

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws" }
}

mock_data "aws_availability_zones" {
  defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
}

mock_resource "aws_vpc" {
  defaults = { id = "vpc-0123456789abcdef0" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/firstpress/job" }
}

mock_resource "aws_ecr_repository" {
  defaults = {
    arn            = "arn:aws:ecr:eu-central-1:123456789012:repository/firstpress"
    repository_url = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/firstpress"
  }
}

mock_resource "aws_ecs_cluster" {
  defaults = { arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/firstpress" }
}

mock_resource "aws_ecs_task_definition" {
  defaults = { arn = "arn:aws:ecs:eu-central-1:123456789012:task-definition/firstpress:1" }
}

mock_resource "aws_db_instance" {
  defaults = {
    address            = "firstpress.mock.eu-central-1.rds.amazonaws.com"
    port               = 5432
    resource_id        = "db-MOCK"
    master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-mock" }]
  }
}

mock_resource "aws_scheduler_schedule_group" {
  defaults = { arn = "arn:aws:scheduler:eu-central-1:123456789012:schedule-group/firstpress" }
}

mock_resource "aws_sqs_queue" {
  defaults = { arn = "arn:aws:sqs:eu-central-1:123456789012:firstpress-not-started" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:eu-central-1:123456789012:firstpress-alerts" }
}

mock_resource "aws_cloudwatch_metric_alarm" {
  defaults = { arn = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:mock" }
}

mock_resource "aws_s3_bucket" {
  defaults = { arn = "arn:aws:s3:::firstpress-archive" }
}

override_resource {
  target = aws_iam_role.execution
  values = { arn = "arn:aws:iam::123456789012:role/firstpress-execution" }
}

override_resource {
  target = aws_iam_role.task
  values = { arn = "arn:aws:iam::123456789012:role/firstpress-task" }
}

override_resource {
  target = aws_iam_role.scheduler
  values = { arn = "arn:aws:iam::123456789012:role/firstpress-scheduler" }
}

override_resource {
  target = aws_iam_role.setup_execution
  values = { arn = "arn:aws:iam::123456789012:role/firstpress-setup-execution" }
}

override_resource {
  target = aws_secretsmanager_secret.spotify
  values = { arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:firstpress/spotify-mock" }
}

override_resource {
  target = aws_secretsmanager_secret.bi
  values = { arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:firstpress/bi-mock" }
}

override_resource {
  target = aws_security_group.task
  values = { id = "sg-00000000000000001" }
}

override_resource {
  target = aws_security_group.database
  values = { id = "sg-00000000000000002" }
}
