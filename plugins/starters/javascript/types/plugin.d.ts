/// <reference path="./interfaces/portcullis-action-contract.d.ts" />
declare module 'portcullis:action/plugin@0.1.0' {
  export * as contract from 'portcullis:action/contract@0.1.0'; // export portcullis:action/contract@0.1.0
}
