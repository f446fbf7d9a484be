@requires: 'authenticated-user'
service Sales @(path: '/odata/v4/sales') {
  entity SalesOrder {
    key SalesOrder         : String(10);
        SoldToParty        : Association to Customer;
        TotalNetAmount     : Decimal(15, 2);
        Items              : Int64;
        CreationDate       : Date;
        CreatedAt          : DateTime;
        LastChangeDateTime : Timestamp;
        Note               : String(200);
  }

  entity Customer {
    key Customer     : String(10);
        CustomerName : String(80);
  }
}
