# Optional: what is loaded, as Parquet, in a bucket of its own.

locals {
  archive_prefix = "firstpress"
}

resource "aws_s3_bucket" "archive" {
  #checkov:skip=CKV_AWS_18:Only the task's role reads and writes it; CloudTrail has who did what to the bucket
  #checkov:skip=CKV_AWS_144:A second copy of what the database and its backups hold; a third is not worth its price
  #checkov:skip=CKV_AWS_145:Encrypted under S3's own key; a key of one's own costs 1 USD a month
  #checkov:skip=CKV2_AWS_62:Nobody waits for its objects
  count = var.archive ? 1 : 0

  bucket        = "${var.name}-archive-${local.account_id}-${var.region}"
  force_destroy = !var.protect_data
}

resource "aws_s3_bucket_public_access_block" "archive" {
  count = var.archive ? 1 : 0

  bucket                  = aws_s3_bucket.archive[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "archive" {
  count = var.archive ? 1 : 0

  bucket = aws_s3_bucket.archive[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "archive" {
  count = var.archive ? 1 : 0

  bucket = aws_s3_bucket.archive[0].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "archive" {
  count = var.archive ? 1 : 0

  bucket = aws_s3_bucket.archive[0].id

  rule {
    id     = "what was replaced or deleted"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.archive]
}

resource "aws_s3_bucket_policy" "archive" {
  count = var.archive ? 1 : 0

  bucket = aws_s3_bucket.archive[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyOverTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.archive[0].arn, "${aws_s3_bucket.archive[0].arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.archive]
}

resource "aws_iam_role_policy" "archive" {
  count = var.archive ? 1 : 0

  name = "archive"
  role = aws_iam_role.task.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Objects"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
        Resource = "${aws_s3_bucket.archive[0].arn}/${local.archive_prefix}/*"
      },
      {
        Sid       = "List"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = aws_s3_bucket.archive[0].arn
        Condition = { StringLike = { "s3:prefix" = [local.archive_prefix, "${local.archive_prefix}/*"] } }
      },
    ]
  })
}
