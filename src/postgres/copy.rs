//! COPY in Postgres's binary format.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgConnection};
use sqlx::{Encode, Postgres};

/// Signature, flags and the length of the header's extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const END: [u8; 2] = (-1_i16).to_be_bytes();
const NULL: [u8; 4] = (-1_i32).to_be_bytes();

/// Rows on their way into a table.
pub struct Rows {
    buffer: PgArgumentBuffer,
    count: u64,
}

impl Default for Rows {
    fn default() -> Self {
        let mut buffer = PgArgumentBuffer::default();
        buffer.extend_from_slice(HEADER);
        Self { buffer, count: 0 }
    }
}

impl Rows {
    /// Adds a row of these values, in the order of the columns.
    ///
    /// # Errors
    /// When a value cannot be written, one of over 2 GiB for instance.
    pub fn push(&mut self, values: &[&dyn Encode<'_, Postgres>]) -> Result<(), BoxDynError> {
        self.buffer
            .extend_from_slice(&i16::try_from(values.len())?.to_be_bytes());
        for value in values {
            let length_at = self.buffer.len();
            self.buffer.extend_from_slice(&NULL);
            if let IsNull::No = value.encode_by_ref(&mut self.buffer)? {
                let length = i32::try_from(self.buffer.len() - length_at - NULL.len())?;
                if let Some(slot) = self.buffer.get_mut(length_at..length_at + NULL.len()) {
                    slot.copy_from_slice(&length.to_be_bytes());
                }
            }
        }
        self.count += 1;
        Ok(())
    }

    /// Sends the rows by `statement`, a `copy … from stdin (format binary)`. Returns their number.
    ///
    /// # Errors
    /// When the database fails; then none of the rows is in the table.
    pub async fn copy(mut self, connection: &mut PgConnection, statement: &str) -> sqlx::Result<u64> {
        if self.count == 0 {
            return Ok(0);
        }
        self.buffer.extend_from_slice(&END);
        let mut copy = connection.copy_in_raw(statement).await?;
        copy.send(self.buffer.as_slice()).await?;
        copy.finish().await
    }
}
