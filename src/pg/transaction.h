// Transactions, subtransactions, SPI and memory contexts that end with their scope.
//
// Always: a scope that was not committed is rolled back, also when an exception passes through; the caller's memory context is current
// again.
#pragma once
#include "pg/boundary.h"

extern "C" {
#include "access/xact.h"
#include "executor/spi.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
}

namespace gqlsvl::pg {

// For workers: no transaction may be open.
class Transaction {
public:
  Transaction() : Transaction(CurrentMemoryContext) {
    call([] {
      SetCurrentStatementStartTimestamp();
      StartTransactionCommand();
      PushActiveSnapshot(GetTransactionSnapshot());
    });
  }
  void commit() {
    call([] {
      PopActiveSnapshot();
      CommitTransactionCommand();
    });
    open_ = false;
    MemoryContextSwitchTo(caller_);
  }
  ~Transaction() {
    if (!open_) return;
    AbortCurrentTransaction();
    MemoryContextSwitchTo(caller_);
  }
  Transaction(const Transaction &) = delete;

private:
  explicit Transaction(MemoryContext caller) : caller_(caller) {} // from here on the destructor runs
  MemoryContext caller_;
  bool open_ = true;
};

// Inside an open transaction. Undoes also settings (SET LOCAL) made inside.
class Subtransaction {
public:
  Subtransaction() : Subtransaction(CurrentMemoryContext, CurrentResourceOwner) {
    call([] { BeginInternalSubTransaction(nullptr); });
    MemoryContextSwitchTo(caller_);
  }
  void commit() {
    call([] { ReleaseCurrentSubTransaction(); });
    leave();
  }
  void rollback() {
    call([] { RollbackAndReleaseCurrentSubTransaction(); });
    leave();
  }
  ~Subtransaction() {
    if (!open_) return;
    RollbackAndReleaseCurrentSubTransaction();
    leave();
  }
  Subtransaction(const Subtransaction &) = delete;

private:
  Subtransaction(MemoryContext caller, ResourceOwner owner) : caller_(caller), owner_(owner) {}
  void leave() {
    open_ = false;
    MemoryContextSwitchTo(caller_);
    CurrentResourceOwner = owner_;
  }
  MemoryContext caller_;
  ResourceOwner owner_;
  bool open_ = true;
};

// Statements inside cannot write, whatever functions, policies and views they call; the transaction's own mode is back afterwards.
// Nothing inside can lift it: Postgres refuses to make a transaction with a snapshot read-write.
class ReadOnly {
public:
  ReadOnly() { XactReadOnly = true; }
  ~ReadOnly() { XactReadOnly = before_; }
  ReadOnly(const ReadOnly &) = delete;

private:
  bool before_ = XactReadOnly;
};

// SPI_connect .. SPI_finish. After an ERROR inside, the (sub)transaction's abort has closed SPI already.
class Spi {
public:
  Spi() {
    call([] { SPI_connect(); });
  }
  void finish() {
    if (!open_) return;
    open_ = false;
    call([] { SPI_finish(); });
  }
  ~Spi() {
    if (open_ && std::uncaught_exceptions() == exceptions_) SPI_finish();
  }
  Spi(const Spi &) = delete;

private:
  int exceptions_ = std::uncaught_exceptions();
  bool open_ = true;
};

// A memory context of its own, deleted at the end of the scope; current while the scope lasts.
class ScopedContext {
public:
  explicit ScopedContext(const char *name) : caller_(CurrentMemoryContext) {
    // The name must be a literal: AllocSetContextCreate keeps the pointer.
    own_ = call([name] { return AllocSetContextCreateInternal(CurrentMemoryContext, name, ALLOCSET_DEFAULT_SIZES); });
    MemoryContextSwitchTo(own_);
  }
  ~ScopedContext() {
    MemoryContextSwitchTo(caller_);
    MemoryContextDelete(own_);
  }
  ScopedContext(const ScopedContext &) = delete;
  MemoryContext get() const { return own_; }
  MemoryContext caller() const { return caller_; }

private:
  MemoryContext caller_, own_;
};

} // namespace gqlsvl::pg
