# The database is private, encrypted, backed up, and kept.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  region        = "eu-central-1"
  image_version = "0.1.0"
}

run "the_database" {
  assert {
    condition     = !aws_db_instance.main.publicly_accessible && aws_db_instance.main.vpc_security_group_ids == toset([aws_security_group.database.id])
    error_message = "The database must not be public, and be in its own security group alone."
  }

  assert {
    condition     = aws_db_instance.main.storage_encrypted
    error_message = "The database must be encrypted."
  }

  assert {
    condition     = aws_db_instance.main.backup_retention_period >= 7 && aws_db_instance.main.copy_tags_to_snapshot
    error_message = "The database must have a week of backups."
  }

  assert {
    condition     = aws_db_instance.main.iam_database_authentication_enabled
    error_message = "The job logs in by IAM."
  }

  assert {
    condition     = aws_db_instance.main.manage_master_user_password && aws_db_instance.main.password == null
    error_message = "RDS must keep the master user's password, so that it is not in the state."
  }

  assert {
    condition     = one([for p in aws_db_parameter_group.main.parameter : p.value if p.name == "rds.force_ssl"]) == "1"
    error_message = "The database must refuse connections without TLS."
  }

  assert {
    condition     = aws_db_parameter_group.main.family == "postgres17"
    error_message = "The parameters must be of the database's version."
  }

  assert {
    condition     = aws_db_instance.main.deletion_protection && !aws_db_instance.main.skip_final_snapshot && !aws_ecr_repository.main.force_delete && aws_secretsmanager_secret.spotify.recovery_window_in_days > 0
    error_message = "Data must be protected by default."
  }
}

run "before_a_teardown" {
  variables {
    protect_data = false
    archive      = true
  }

  assert {
    condition     = !aws_db_instance.main.deletion_protection && aws_db_instance.main.skip_final_snapshot && aws_ecr_repository.main.force_delete && aws_s3_bucket.archive[0].force_destroy && aws_secretsmanager_secret.spotify.recovery_window_in_days == 0
    error_message = "Without protect_data, destroy must go through."
  }
}

run "the_setup_task" {
  assert {
    condition     = [for secret in jsondecode(aws_ecs_task_definition.setup.container_definitions)[0].secrets : secret.valueFrom if secret.name == "PGPASSWORD"] == ["${aws_db_instance.main.master_user_secret[0].secret_arn}:password::"]
    error_message = "The setup task logs in with the password that RDS keeps."
  }

  assert {
    condition     = strcontains(jsondecode(aws_ecs_task_definition.setup.container_definitions)[0].command[0], "PGSSLMODE=verify-full")
    error_message = "The setup task must check whom it speaks to."
  }

  assert {
    condition     = aws_ecs_task_definition.setup.task_role_arn == null
    error_message = "The setup task calls no AWS API, so it has no task role."
  }
}

run "the_archive" {
  variables {
    archive = true
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.archive[0].block_public_acls && aws_s3_bucket_public_access_block.archive[0].block_public_policy && aws_s3_bucket_public_access_block.archive[0].ignore_public_acls && aws_s3_bucket_public_access_block.archive[0].restrict_public_buckets
    error_message = "The archive must be private."
  }

  assert {
    condition     = aws_s3_bucket_versioning.archive[0].versioning_configuration[0].status == "Enabled"
    error_message = "The archive must keep what is overwritten."
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.archive[0].rule).apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"
    error_message = "The archive must be encrypted."
  }

  assert {
    condition     = one(aws_s3_bucket_lifecycle_configuration.archive[0].rule).noncurrent_version_expiration[0].noncurrent_days == 30
    error_message = "What was replaced in the archive goes after 30 days."
  }

  assert {
    condition     = !aws_s3_bucket.archive[0].force_destroy
    error_message = "The archive must be protected by default."
  }
}
