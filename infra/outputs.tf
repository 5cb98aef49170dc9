output "region" {
  description = "The region it is in"
  value       = var.region
}

output "repository_url" {
  description = "Where the image is pushed to"
  value       = aws_ecr_repository.main.repository_url
}

output "spotify_secret" {
  description = "The secret that the Spotify app's credentials are put into"
  value       = aws_secretsmanager_secret.spotify.name
}

output "alert_webhook_secret" {
  description = "The secret that the webhook's address is put into; null without var.alert_webhook"
  value       = one(aws_secretsmanager_secret.alert_webhook[*].name)
}

output "bi_secret" {
  description = "The secret that holds the BI tool's login"
  value       = aws_secretsmanager_secret.bi.name
}

output "database_host" {
  description = "Where the database is, for who may reach it"
  value       = aws_db_instance.main.address
}

output "vpc_id" {
  description = "The VPC, for a peering or a VPN by which BI tools come"
  value       = aws_vpc.main.id
}

output "private_route_table_id" {
  description = "The route table of the database's subnets, for the way back to them"
  value       = aws_route_table.private.id
}

output "archive_bucket" {
  description = "The bucket of the archive; null without var.archive"
  value       = one(aws_s3_bucket.archive[*].bucket)
}

output "alerts_topic_arn" {
  description = "The topic of all alarms, for more subscribers"
  value       = aws_sns_topic.alerts.arn
}

output "dead_letter_queue_url" {
  description = "The queue of starts that were given up"
  value       = aws_sqs_queue.not_started.url
}

output "schedule" {
  description = "The schedule, and its group"
  value       = { name = aws_scheduler_schedule.run.name, group = aws_scheduler_schedule_group.main.name }
}

output "cluster" {
  description = "The ECS cluster"
  value       = aws_ecs_cluster.main.name
}

output "log_group" {
  description = "The job's log group"
  value       = aws_cloudwatch_log_group.job.name
}

output "dashboard_url" {
  description = "The dashboard"
  value       = "https://${var.region}.console.aws.amazon.com/cloudwatch/home?region=${var.region}#dashboards/dashboard/${aws_cloudwatch_dashboard.main.dashboard_name}"
}

output "job_task" {
  description = "The job's task, as aws ecs run-task takes it by --cli-input-json; ./task starts it"
  value       = jsonencode(merge(local.task_by_hand, { taskDefinition = aws_ecs_task_definition.job.arn }))
}

output "setup_task" {
  description = "The task that prepares the database, as aws ecs run-task takes it by --cli-input-json; ./task starts it"
  value       = jsonencode(merge(local.task_by_hand, { taskDefinition = aws_ecs_task_definition.setup.arn }))
}

locals {
  task_by_hand = {
    cluster    = aws_ecs_cluster.main.name
    launchType = "FARGATE"
    networkConfiguration = {
      awsvpcConfiguration = {
        subnets        = local.task_subnets
        securityGroups = [aws_security_group.task.id]
        assignPublicIp = var.nat_gateway ? "DISABLED" : "ENABLED"
      }
    }
  }
}
